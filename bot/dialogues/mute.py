"""Quiet: for how long announcements and reminders stay away, and what reaches people all the same."""

from dataclasses import replace
from datetime import timedelta

from bot.commands import Mute
from bot.dialogue import Dialogue, Move, Turn, finish, perform, say
from bot.dialogues.themes import meant_theme
from bot.introduction_commands import MutedThemes, MuteTheme
from bot.privacy_commands import ObjectToMatching
from knowledge.forum import Session

HOUR = timedelta(hours=1)


def be_quiet(turn: Turn) -> Move:
    """Keep the quiet that was named; without one, offer what there is."""
    session = _session_on(turn)
    match str(turn.slots.get("word") or "").casefold():
        case "hour":
            return _quiet(Mute("all", turn.now + HOUR))
        case "session" if session is not None:
            return _quiet(Mute("all", session.ends))
        case "changes":
            return _quiet(Mute("but_changes"))
        case "written":
            return _quiet(Mute("until_written"))
        case "matches":
            return _object(True)
        case "off":
            return hear_again(turn)
        case "theme" | "themes":
            return perform(MutedThemes(), _themes)
        case _ if (theme := _named(turn)) is not None:
            return _mute_theme(theme, muted=True)
        case _:
            return finish(say("mute/choose", session=session))


def hear_again(turn: Turn) -> Move:
    """End the quiet, or the objection to matching."""
    if str(turn.slots.get("word") or "").casefold() == "matches":
        return _object(False)
    if (theme := _named(turn)) is not None:
        return _mute_theme(theme, muted=False)
    return perform(Mute(None), lambda _turn, _: finish(say("mute/over", edit=True)))


def _named(turn: Turn) -> str | None:
    """Return the theme that was named after the command, None when none was."""
    word = str(turn.slots.get("word") or "").strip()
    named = word.partition(" ")[2].strip() if word.casefold().startswith("theme ") else word
    if not named or named in turn.know.vocabulary.themes:
        return named or None
    return meant_theme(replace(turn, text=named, choice=None))


def _mute_theme(theme: str, *, muted: bool) -> Move:
    return perform(MuteTheme(theme, muted), _themes)


def _themes(turn: Turn, muted: tuple[str, ...]) -> Move:
    """Show which themes they are asked about, and let that be changed."""
    return finish(say("mute/themes", edit=True, themes=list(turn.know.vocabulary.themes), muted=muted))


def _object(objects: bool) -> Move:
    said = say("matches/objected" if objects else "matches/again", edit=True)
    return perform(ObjectToMatching(objects), lambda _turn, _: finish(said))


def _quiet(command: Mute) -> Move:
    def then(turn: Turn, _: None) -> Move:
        until = command.until
        zone = turn.know.forum.time_zone
        is_today = until is None or until.astimezone(zone).date() == turn.today
        return finish(say("mute/quiet", edit=True, kind=command.kind, until=until, is_today=is_today))

    return perform(command, then)


def _session_on(turn: Turn) -> Session | None:
    """Return the session that runs at the moment, of several the one that runs longest."""
    running: tuple[Session, ...] = turn.know.programme.now(turn.now)
    return max(running, key=lambda session: session.ends, default=None)


MUTE = Dialogue("mute", be_quiet)
UNMUTE = Dialogue("unmute", hear_again)
