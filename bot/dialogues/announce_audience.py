"""To whom an announcement goes: everyone, those who follow a session, countries, roles."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.announcement_commands import FindReach
from bot.broadcasts import Audience, Reach
from bot.dialogue import Move, Saying, Step, Turn, go, perform, say
from bot.dialogues.countries import all_read
from bot.dialogues.drafts import Changes, session_of, step
from bot.rights import ROLES
from knowledge.forum import Session
from matching.names import Names

OFFERED = 8
"""Sessions that are offered as buttons; any other may be typed."""


def audience_steps(go_on: Callable[..., Move]) -> Mapping[str, Step]:
    """Return the steps that settle to whom by their names; then the draft goes on."""
    steps = (
        step("audience", ask_audience, hear_audience, go_on, free=False),
        step("session", ask_session, hear_session, go_on, free=True),
        countries_step(go_on),
        step("roles", ask_roles, hear_roles, go_on, free=False),
    )
    return {one.name: one for one in steps}


def to_whom(turn: Turn, steps: Mapping[str, Step]) -> Move:
    """Ask to whom, or which ones of those that were chosen."""
    counts = turn.slots["counts"]
    match turn.slots["narrow"]:
        case "session" if "sessions" not in counts:
            return _count(turn, steps["session"], offered(turn), {})
        case "session" | "countries" | "roles" as narrow:
            return go(turn, steps[narrow])
        case _ if "everyone" not in counts:
            return perform(
                FindReach(Audience()),
                lambda _turn, reach: go(
                    turn, steps["audience"], counts={**counts, "everyone": reach.recipients}
                ),
            )
        case _:
            return go(turn, steps["audience"])


def _count(turn: Turn, ask: Step, sessions: tuple[Session, ...], counts: dict[str, int]) -> Move:
    """Count who follows each of *sessions*, then ask which one it is."""
    if not sessions:
        return go(turn, ask, counts={**turn.slots["counts"], "sessions": counts})
    first, rest = sessions[0], sessions[1:]

    def counted(_turn: Turn, reach: Reach) -> Move:
        return _count(turn, ask, rest, {**counts, first.id: reach.recipients})

    return perform(FindReach(Audience(followers=frozenset({first.id}))), counted)


def ask_audience(turn: Turn) -> Saying:
    """Ask to whom."""
    return say("announce/audience", edit=True, everyone=turn.slots["counts"].get("everyone", 0))


def hear_audience(turn: Turn) -> Changes | None:
    """Take everyone, or ask which ones."""
    match turn.choice:
        case "everyone":
            return {"audience": {}, "narrow": None}
        case "session" | "countries" | "roles" as narrow:
            return {"narrow": narrow, "open": None}
        case _:
            return None


# One session


def offered(turn: Turn) -> tuple[Session, ...]:
    """Return the sessions that are still worth an announcement, those that run or come next first."""
    coming = [session for session in turn.know.programme if session.ends > turn.now]
    return tuple(coming[:OFFERED])


def ask_session(turn: Turn) -> Saying:
    """Ask whose followers."""
    counts = turn.slots["counts"].get("sessions", {})
    sessions = [session for session in turn.know.programme if session.id in counts]
    return say("announce/session", edit=True, sessions=sessions, counts=counts)


def hear_session(turn: Turn) -> Changes | None:
    """Take the session that was chosen or named."""
    session = named_session(turn)
    return {"audience": {"followers": [session.id]}, "about": session.id} if session else None


def named_session(turn: Turn) -> Session | None:
    """Return the session that was chosen or typed, None when none is close."""
    if turn.choice is not None:
        return session_of(turn.choice, turn.know)
    hits = turn.know.session_names.closest(turn.text, limit=1)
    return session_of(hits[0].key, turn.know) if hits else None


# Countries


def countries_step(go_on: Callable[..., Move]) -> Step:
    """Return the step that takes names until they are settled; each time they are read back with their number."""

    def hear(turn: Turn) -> Move:
        heard = hear_countries(turn)
        chosen = heard["chosen"]
        if not chosen:
            return go(turn, this, open=heard)
        audience = {"countries": sorted(chosen)}
        settled = not heard["groups"] and not heard["unread"]

        def counted(turn: Turn, reach: Reach) -> Move:
            if not settled:
                return go(turn, this, open={**heard, "people": reach.recipients})
            chosen = say("announce/chosen", edit=True, audience=audience, people=reach.recipients)
            move = go_on(turn, audience=audience, open=None)
            return replace(move, says=(chosen, *move.says))

        return perform(FindReach(Audience.from_json(audience)), counted)

    this = Step("countries", ask_countries, hear, free=True)
    return this


def ask_countries(turn: Turn) -> Saying:
    """Ask for the names of countries, and settle those that were heard."""
    doubt = turn.slots.get("open") or {}
    return say(
        "announce/countries",
        edit=True,
        chosen=doubt.get("chosen", []),
        people=doubt.get("people"),
        groups=doubt.get("groups", []),
        unread=doubt.get("unread", []),
    )


def hear_countries(turn: Turn) -> dict[str, list[Any]]:
    """Return the countries that were *chosen*, the *groups* of which one is meant, and the words left *unread*."""
    doubt = turn.slots.get("open") or {}
    chosen: list[str] = list(doubt.get("chosen", []))
    groups: list[list[str]] = list(doubt.get("groups", []))
    unread: list[str] = []
    if turn.choice is None:
        names, left = all_read(turn.text, turn.know.vocabulary)
        unread = list(left)
        chosen += [name.members[0] for name in names if name.sure]
        groups = [list(name.members) for name in names if not name.sure]
    elif turn.know.vocabulary.is_member(turn.choice):
        chosen.append(turn.choice)
        groups = [group for group in groups if turn.choice not in group]
        unread = list(doubt.get("unread", []))
    else:
        groups = []
    return {"chosen": list(dict.fromkeys(chosen)), "groups": groups, "unread": unread}


# Roles


def ask_roles(turn: Turn) -> Saying:
    """Ask for roles, one tap each."""
    return say(
        "announce/roles", edit=True, roles=ROLES, chosen=(turn.slots.get("open") or {}).get("roles", [])
    )


def hear_roles(turn: Turn) -> Changes | None:
    """Add a role or take it away, until they are done."""
    chosen: list[str] = list((turn.slots.get("open") or {}).get("roles", []))
    if turn.choice == "done" and chosen:
        return {"audience": {"roles": sorted(chosen)}, "open": None}
    role = turn.choice or _named_role(turn.text)
    if role not in ROLES:
        return None
    left = [one for one in chosen if one != role] if role in chosen else [*chosen, role]
    return {"open": {"roles": left}}


def _named_role(text: str) -> str | None:
    hits = Names({role: [role, role.replace("_", " ")] for role in ROLES}).closest(text, limit=1)
    return hits[0].key if hits else None
