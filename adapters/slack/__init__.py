"""The assistant in a Slack workspace."""

from adapters.slack.adapter import Slack

__all__ = ["Slack"]
