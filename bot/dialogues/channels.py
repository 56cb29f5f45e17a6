"""One person on several channels: where they are written to first, and how one is unlinked, as after a loss."""

from bot.broadcasts import CHANNELS
from bot.commands import Person
from bot.dialogue import Dialogue, Move, Saying, Turn, finish, perform, say
from bot.people_commands import MyChannels, PreferChannel, UnlinkChannel


def show(turn: Turn) -> Move:
    """Show the channels, or do with one what the words after the command say."""
    match str(turn.slots.get("word") or "").casefold().split():
        case ["first", channel] if channel in CHANNELS:
            # It may have been unlinked since the button was sent.
            return perform(PreferChannel(channel), _chosen, lambda *_: perform(MyChannels(), _shown))
        case ["any"]:
            return perform(PreferChannel(None), _chosen)
        case ["unlink", channel] if channel in CHANNELS:
            return perform(MyChannels(), lambda turn, mine: _asked(turn, mine, channel))
        case ["unlink", channel, "yes"] if channel == turn.person.channel:
            return perform(MyChannels(), _others_unlinked)
        case ["unlink", channel, "yes"] if channel in CHANNELS:
            return _unlink(channel)
        case _:
            return perform(MyChannels(), _shown)


def _shown(turn: Turn, mine: Person) -> Move:
    return finish(_mine(turn, mine, edit=False))


def _chosen(turn: Turn, mine: Person) -> Move:
    return finish(_mine(turn, mine, edit=True))


def _asked(turn: Turn, mine: Person, channel: str) -> Move:
    """Ask once more before a channel is unlinked; the account that they write from is left by /stop."""
    here = channel == turn.person.channel
    if channel not in (mine.several if here else mine.channels):
        return _shown(turn, mine)
    return finish(say("channels/unlink", edit=True, channel=channel, here=here))


def _others_unlinked(turn: Turn, mine: Person) -> Move:
    """Unlink the other accounts on the channel they write on, if there are any."""
    here = turn.person.channel
    return _unlink(here) if here in mine.several else _shown(turn, mine)


def _unlink(channel: str) -> Move:
    return perform(UnlinkChannel(channel), lambda turn, mine: _unlinked(turn, mine, channel))


def _unlinked(_turn: Turn, _mine: Person, channel: str) -> Move:
    return finish(say("channels/unlinked", edit=True, channel=channel))


def _mine(turn: Turn, mine: Person, *, edit: bool) -> Saying:
    others = [name for name in mine.channels if name != turn.person.channel]
    return say(
        "channels/mine",
        edit=edit,
        here=turn.person.channel,
        others=others,
        doubled=turn.person.channel in mine.several,
        first=mine.preferred_channel if mine.preferred_channel in mine.channels else None,
        linked=turn.person.confirmed,
    )


MY_CHANNELS = Dialogue("channels", show)
