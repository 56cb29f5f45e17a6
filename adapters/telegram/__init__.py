"""Telegram, through python-telegram-bot's types and our own transport."""

import os

from adapters.telegram.adapter import Telegram

# The library's opt-in to durations as `timedelta`; without it some updates warn, though we read no duration.
os.environ.setdefault("PTB_TIMEDELTA", "true")

__all__ = ["Telegram"]
