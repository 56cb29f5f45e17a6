"""What the browser chat asks of the assistant."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.link_page import Looker
from bot.messages import Address, Card, Immediate, Inbound


class Line(Protocol):
    """One line of a conversation: what the person said, or a card, which may take an earlier card's place."""

    @property
    def id(self) -> int:
        """Return a number that rises from line to line."""

    @property
    def heard(self) -> str | None:
        """Return what the person said; None when the line is a card."""

    @property
    def card(self) -> Card | None:
        """Return the card; None when the line is what the person said."""

    @property
    def replaces(self) -> str | None:
        """Return the ref of the card whose place it takes; None when it stands at the end."""


class Core(Protocol):
    """The assistant, as the browser chat sees it."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that have page words."""

    async def receive(self, inbound: Inbound) -> Immediate | None:
        """Take one message in; it is kept when this returns, and normally its answer stands in the lines."""

    async def lines(self, address: Address, after: int = 0, limit: int = 200) -> Sequence[Line]:
        """Return the first *limit* lines of the conversation that come after the line *after*."""

    async def link_page(self, token: str, looker: Looker) -> Card:
        """Return what the page of a link says; its choices are `telegram`, `here`, `paste` and `chat`."""

    async def language_of(self, address: Address, locale: str | None = None) -> str:
        """Return the language in which the participant reads."""

    def page_words(self, lang: str) -> Mapping[str, str]:
        """Return the words of the page around the conversation."""
