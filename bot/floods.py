"""People who write faster than they are answered: the last of their messages is, when the limit allows it."""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from bot import inbox, tally
from bot.conversation import Conversation
from bot.keys import Keys
from bot.limits import FREE_CHANNELS, MESSAGES, READINGS_IN_A_RUSH
from bot.messages import Address, Heard, Inbound, Tap
from bot.participants import Actor
from bot.readings import Reading, in_need_of_help
from bot.routing import DOUBLE_TAP

REMEMBERED = 10_000
"""Accounts of which a process remembers when they wrote."""
TOGETHER = 0.25
"""Seconds in which what comes in a rush counts as one message; no platform waits so long that it asks again."""
A_MOMENT = timedelta(seconds=READINGS_IN_A_RUSH)


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    A message that is about to have its turn: the inbox *row* of *inbound*, from *actor*, at the machine's time *now*.

    It is *rushed* where nobody looked what it says, since its account has sent many more than anybody can read.
    """

    inbound: Inbound
    row: int
    actor: Actor
    now: datetime
    rushed: bool = False


def passes(arrival: Arrival, conversation: Conversation, reading: Reading | None) -> bool:
    """Tell whether the message has its turn whatever its author wrote before: it is not counted."""
    if tally.is_free(arrival.actor, arrival.inbound.address):
        return not arrival.rushed
    return bool(in_need_of_help(reading)) or is_double(arrival.inbound.heard, conversation, arrival.now)


def is_double(heard: Heard, conversation: Conversation, now: datetime) -> bool:
    """Tell whether *heard* is the second half of a double tap, which does nothing."""
    if not isinstance(heard, Tap) or conversation.tapped_at is None:
        return False
    return conversation.tapped == (heard.ref, heard.number) and now - conversation.tapped_at < DOUBLE_TAP


def hold_back(session: Session, keys: Keys, arrival: Arrival) -> bool | None:
    """
    Count the message, or keep it as it is where that is too much; an earlier one that was kept is dropped.

    Returns None when it has its turn now, else whether its author should be told: at the first of a flood.
    """
    now = arrival.now
    who = tally.account(arrival.actor, arrival.inbound.address)
    count = tally.read(session, keys, MESSAGES, who)
    wait = timedelta(seconds=MESSAGES.wait(count.times, now.timestamp()))
    if arrival.rushed:
        wait = max(wait, A_MOMENT)
    if not wait or count.held == arrival.row:
        held = None if count.held == arrival.row else count.held
        tally.keep(session, replace(count.with_one(MESSAGES, now), held=held), now)
        return None
    if count.held is not None:
        inbox.drop(session, count.held, now)
    inbox.hold(session, arrival.row, arrival.inbound, now + wait)
    tally.keep(session, replace(count, held=arrival.row, over_at=now), now)
    return count.over_at is None or count.over_at <= now - MESSAGES.per


class Rush:
    """Tells, before anything is looked up or written, which accounts send this process more than can be read."""

    def __init__(self) -> None:
        self._times: OrderedDict[Address, deque[float]] = OrderedDict()
        self._last: dict[Address, Inbound] = {}

    def has(self, address: Address, now: datetime) -> bool:
        """Note a message from *address*, and tell whether it need not be read."""
        if address.channel in FREE_CHANNELS:
            return False
        times = self._times.setdefault(address, deque(maxlen=MESSAGES.most))
        self._times.move_to_end(address)
        if len(self._times) > REMEMBERED:
            self._times.popitem(last=False)
        at = now.timestamp()
        in_a_rush = MESSAGES.wait(times, at) > 0
        if in_a_rush and at - times[-1] < READINGS_IN_A_RUSH:
            return True
        times.append(at)
        return False

    async def is_last(self, inbound: Inbound) -> bool:
        """
        Wait a moment, and tell whether its account has sent nothing since *inbound*, which came in a rush.

        What is not the last would be dropped as soon as it was written. When this process dies meanwhile, the last one
        was not acknowledged, and its platform brings it again.
        """
        self._last[inbound.address] = inbound
        await asyncio.sleep(TOGETHER)
        if self._last.get(inbound.address) is not inbound:
            return False
        del self._last[inbound.address]
        return True
