"""The browser chat at `/`: one page that works on a telephone, with a keyboard, and without scripts."""

from adapters.webchat.chat import WebChat

__all__ = ["WebChat"]
