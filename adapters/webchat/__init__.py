"""The browser chat at `/`: one page that works on a telephone, with a keyboard, and without scripts."""

from adapters.webchat.chat import WebChat
from adapters.webchat.link import Doors

__all__ = ["Doors", "WebChat"]
