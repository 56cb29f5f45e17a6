"""Keeps what the operator is told about Telegram: one log line per change, and the status sentence."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

import structlog
from telegram.error import TelegramError

from adapters.telegram.faults import is_wrong_token
from adapters.telegram.request import Refusal

log = structlog.get_logger()


class State(Enum):
    """Where we stand with Telegram; the value is the status sentence."""

    OFF = "Telegram is off."
    STARTING = "Telegram is being connected."
    ON = "Telegram is on."
    DOWN = "Telegram cannot be reached; trying again."
    WRONG_TOKEN = "Telegram refuses the token: set SAPHAN_TELEGRAM_TOKEN to the one BotFather gave."  # noqa: S105
    CONFLICT = "Another program reads the updates of this Telegram bot: stop it, or set a webhook."
    STUCK = "Telegram is on, but what people write cannot be kept; it is asked for again."
    UNREGISTERED = "Telegram is on, but no webhook is registered: set SAPHAN_PUBLIC_URL."


QUIET = (State.OFF, State.STARTING, State.ON)


class Health:
    """The present state; a change is logged once, under its name."""

    def __init__(self) -> None:
        self.state = State.OFF
        self.where = ""

    @property
    def sentence(self) -> str:
        """Return the status, with the place when all is well."""
        return f"Telegram is on: {self.where}." if self.state is State.ON and self.where else self.state.value

    def note(self, state: State, **details: Any) -> None:
        """Take *state* over, and log it when it is new."""
        if state is self.state:
            return
        self.state = state
        say = log.info if state in QUIET else log.error
        say(f"telegram.{state.name.lower()}", says=self.sentence, **details)

    def note_error(self, error: TelegramError) -> None:
        """Take over what *error* says about us."""
        if is_wrong_token(error):
            self.note(State.WRONG_TOKEN)
        elif isinstance(error, Refusal) and error.code == 409:
            self.note(State.CONFLICT, error=error.description)
        else:
            self.note(State.DOWN, error=error.message)


@dataclass(frozen=True, slots=True)
class Backoff:
    """The pauses between tries: doubling from *first* to *most*; *hopeless* where only a person can help."""

    first: timedelta = timedelta(seconds=1)
    most: timedelta = timedelta(seconds=60)
    hopeless: timedelta = timedelta(seconds=60)

    def pause(self, failures: int, error: TelegramError | None = None) -> timedelta:
        """Return the pause after so many *failures* in a row, from 1; what Telegram itself asks for goes first."""
        if isinstance(error, Refusal) and error.wait is not None:
            return error.wait
        if error is not None and is_wrong_token(error):
            return self.hopeless
        return min(self.first * float(1 << min(failures - 1, 16)), self.most)
