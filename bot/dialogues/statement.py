"""
A need or an offer, from free words to the moment it is sent: what both have in common.

The slot `kind` says which of the two it is; `bot/templates/need` and `bot/templates/offer` hold their words.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from bot.commands import IntroduceOneself, Kind, Readers, Sent, Statement, StateNeed, StateOffer
from bot.delegation_commands import AddWords, Changed, Item, OurStatements
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.dialogues.countries import all_read, named
from bot.dialogues.origin import Open, Settled, ask_origin, hear_origin
from bot.dialogues.themes import meant_theme
from bot.fitting import profile_of
from bot.messages import MAX_HEARD
from bot.rights import may
from knowledge.contacts import MASK, mask_contacts
from knowledge.understand import Understanding
from matching.duplicates import duplicate

FEW_WORDS = 3
FEW_CHARACTERS = 20
"""Below both, words are too few to tell a need from an offer or a question."""
READERS: tuple[Readers, ...] = ("governments", "all", "secretariat")
OTHER_KIND: Mapping[str, Kind] = {"need": "offer", "offer": "need"}


def begin(kind: Kind, turn: Turn) -> Move:
    """Take the words that came along, or ask for them."""
    if not may(turn.person.role, f"state_{kind}"):
        return finish(say("shared/not_allowed", registered=turn.person.confirmed))
    given = turn.slots
    readers = given.get("readers")
    fresh = turn.with_slots(
        {
            "kind": kind,
            "country": turn.person.country,
            "readers": readers if readers in READERS else "governments",
            "sure": bool(given.get("sure") or given.get("submitted")),
            "submitted": bool(given.get("submitted")),
        }
    )
    theme = given.get("theme")
    if theme in turn.know.vocabulary.themes:
        fresh = fresh.with_slots({**fresh.slots, "themes": [theme], "theme_chosen": True})
    if (chosen := given.get("countries")) is not None:
        fresh = fresh.with_slots({**fresh.slots, **_meant_for(str(chosen).split(), turn)})
    text = str(given.get("text") or "").strip()
    return take_text(fresh, text) if text else go(fresh, TEXT)


def _meant_for(chosen: Sequence[str], turn: Turn) -> dict[str, Any]:
    """Return whom a form says an offer is for; where it names none, whoever the words name, else any member."""
    members = [iso3 for iso3 in chosen if turn.know.vocabulary.is_member(iso3)]
    return {"countries": members, "countries_settled": True} if members else {"any_country": True}


# The words


def ask_text(turn: Turn) -> Saying:
    """Ask for the words; when there are some already, for better ones."""
    kind, text = turn.slots["kind"], turn.slots.get("text")
    return say(f"{kind}/text", edit=bool(text), text=text, masked=turn.slots.get("masked") or [])


def hear_text(turn: Turn) -> Move:
    """Take them."""
    return take_text(turn, turn.text) if turn.text else go(turn, TEXT)


def take_text(turn: Turn, text: str) -> Move:
    """Read a need or an offer out of *text*, with telephone numbers and e-mail addresses taken out."""
    masked = mask_contacts(text)
    hidden = sorted(masked.kinds)
    if hidden and _is_short(masked.text.replace(MASK, " ")):
        return go(turn, TEXT, masked=hidden)
    read = turn.know.understand(masked.text, turn.person.lang, turn.today)
    changes = {
        "text": masked.text,
        "masked": hidden,
        "message": turn.message,
        "updated": turn.edited,
        **_what_it_says(read, turn),
    }
    if not turn.slots.get("sure") and _is_doubtful(turn.slots["kind"], masked.text, read):
        return go(turn, KIND, **changes)
    return go_on(turn, **changes)


def _what_it_says(read: Understanding, turn: Turn) -> dict[str, Any]:
    says: dict[str, Any] = {
        "sdgs": list(read.sdgs),
        "model_countries": list(read.model_countries),
        "modalities": list(read.modalities),
        "urgency": read.urgency,
        "deadline": read.deadline,
        "people": read.people,
    }
    if not turn.slots.get("theme_chosen"):
        says["themes"] = list(read.themes)
    if not turn.slots.get("countries_settled"):
        # How the others are called is for the secretariat to say.
        members = turn.know.vocabulary.countries
        says["countries"] = [iso3 for iso3 in read.countries if iso3 in members]
    return says


def _is_short(text: str) -> bool:
    return len(text.split()) < FEW_WORDS and len(text.strip()) < FEW_CHARACTERS


def _is_doubtful(kind: str, text: str, read: Understanding) -> bool:
    return read.kind in (OTHER_KIND[kind], "question") or (_is_short(text) and read.kind != kind)


def go_on(turn: Turn, **changes: Any) -> Move:
    """Ask for what is still open, else show the draft; a form that leaves nothing open is sent at once."""
    slots = {**turn.slots, "masked": [], "updated": False, **changes}
    named = slots.get("countries_settled") or slots.get("countries") or slots.get("any_country")
    settled = slots["kind"] == "need" or named
    step = COUNTRY if slots.get("country") is None else SUMMARY if settled else COUNTRIES
    turn = turn.with_slots(slots)
    if step is not COUNTRY and slots["submitted"] and not slots["masked"]:
        return send(turn)
    return go(turn, step)


# A need, an offer, or a question


def ask_kind(turn: Turn) -> Saying:
    """Ask what the words are."""
    return say("statement/kind", text=turn.slots["text"])


def hear_kind(turn: Turn) -> Move:
    """Go on with the kind that was chosen."""
    text = turn.slots["text"]
    match turn.choice:
        case "need" | "offer" as kind if kind != turn.slots["kind"]:
            return hand_over(kind, text=text, sure=True)
        case "need" | "offer":
            return go_on(turn, sure=True)
        case "ask":
            return hand_over("ask", question=text)
        case _:
            return go(turn, KIND)


# The country it comes from


def hear_country(turn: Turn) -> Move:
    """Keep the country of somebody who has not said it before; who says more of what a few words meant is heard."""
    match hear_origin(turn):
        case Settled(iso3):
            return perform(IntroduceOneself(iso3), lambda turn, _: go_on(turn, country=iso3))
        case Open(unknown=str()) if _is_short(turn.slots["text"]) and not _is_short(turn.text):
            return take_text(turn, turn.text)
        case still_open:
            return go(turn, COUNTRY, **still_open.slots())


# The countries an offer is for


def ask_countries(turn: Turn) -> Saying:
    """Ask whom the offer is for, and settle the names that were heard."""
    slots = turn.slots
    return say(
        "offer/countries",
        edit=True,
        chosen=slots.get("countries") or [],
        groups=slots.get("groups") or [],
        outside=slots.get("outside") or [],
        unread=slots.get("unread") or [],
        choosing=bool(slots.get("choosing")),
    )


def hear_countries(turn: Turn) -> Move:
    """Take the names one by one until they are settled."""
    chosen = list(turn.slots.get("countries") or [])
    nothing_open: dict[str, Any] = {"groups": [], "outside": [], "unread": [], "choosing": True}
    match turn.choice:
        case None:
            return _take_names(turn, chosen, nothing_open)
        case "any":
            return go_on(turn, countries=[], countries_settled=True, **nothing_open)
        case "done":
            return go_on(turn, countries_settled=True, **nothing_open)
        case iso3 if turn.know.vocabulary.is_member(iso3):
            left = [[one for one in group if one != iso3] for group in turn.slots.get("groups") or []]
            still_open = {**nothing_open, "groups": [group for group in left if group]}
            return go(turn, COUNTRIES, countries=list(dict.fromkeys([*chosen, iso3])), **still_open)
        case _:
            return go(turn, COUNTRIES, **nothing_open)


def _take_names(turn: Turn, chosen: list[str], nothing_open: Mapping[str, Any]) -> Move:
    vocabulary = turn.know.vocabulary
    names, left = all_read(turn.text, vocabulary)
    abroad = {words: named(words, vocabulary).outside for words in left}
    countries = list(dict.fromkeys([*chosen, *(name.members[0] for name in names if name.sure)]))
    groups = [list(name.members) for name in names if not name.sure]
    if names and not groups and not left:
        return go_on(turn, countries=countries, countries_settled=True, **nothing_open)
    outside = list(dict.fromkeys(iso3 for iso3 in abroad.values() if iso3))
    unread = [words for words in left if not abroad[words]]
    heard = {**nothing_open, "groups": groups, "outside": outside, "unread": unread}
    return go(turn, COUNTRIES, countries=countries, **heard)


# The draft


def ask_summary(turn: Turn) -> Saying:
    """Show the draft."""
    slots = turn.slots
    return say(
        f"{slots['kind']}/summary",
        edit=True,
        text=slots["text"],
        country=slots["country"],
        themes=slots.get("themes") or [],
        modalities=slots.get("modalities") or [],
        countries=slots.get("countries") or [],
        people=slots.get("people"),
        deadline=slots.get("deadline"),
        urgent=slots.get("urgency") == "urgent",
        readers=slots["readers"],
        masked=slots.get("masked") or [],
        updated=bool(slots.get("updated")),
        private_sector=turn.person.role == "private_sector",
    )


def hear_summary(turn: Turn) -> Move:
    """Send the draft, or change a part of it."""
    turn = turn.with_slots({**turn.slots, "masked": [], "updated": False})
    match turn.choice:
        case "send":
            return send(turn)
        case "theme":
            return go(turn, THEME, all_themes=False)
        case "text":
            return go(turn, TEXT)
        case "seen_by":
            return go(turn, READER_CHOICE)
        case "countries":
            return go(turn, COUNTRIES, groups=[], outside=[], unread=[], choosing=False)
        case None if turn.text and turn.text != turn.slots["text"]:
            return go(turn, MORE, more=turn.text)
        case _:
            return go(turn, SUMMARY)


# More words, typed while the draft is on show


def ask_more(turn: Turn) -> Saying:
    """Ask whether they belong to the draft, or take its place: nothing that was typed goes without a word."""
    slots = turn.slots
    return say(
        "statement/more", kind=slots["kind"], text=slots["text"], more=mask_contacts(slots["more"]).text
    )


def hear_more(turn: Turn) -> Move:
    """Add them, put them in its place, or leave the draft as it was."""
    slots = turn.slots
    sure = turn.with_slots({**slots, "sure": True})
    match turn.choice:
        case "add":
            return take_text(sure, _joined(slots["text"], slots["more"]))
        case "replace":
            return take_text(sure, slots["more"])
        case None if turn.text:
            return go(turn, MORE, more=_joined(slots["more"], turn.text))
        case _:
            return go(turn, SUMMARY)


def _joined(text: str, more: str) -> str:
    text = text.rstrip()
    apart = " " if text.endswith((*".!?;…", *"。！？；")) else "; "
    return f"{text}{apart}{more}"[:MAX_HEARD]


def send(turn: Turn) -> Move:
    """Have it kept, unless the delegation has one already that says the same."""
    return perform(OurStatements(to_statement(turn.slots).kind), partial(_compare, turn.slots))


def _compare(slots: Mapping[str, Any], turn: Turn, items: tuple[Item, ...]) -> Move:
    turn = turn.with_slots(slots)
    statement = to_statement(slots)
    going = (item for item in items if item.state != "declined" and item.statement.progress != "met")
    there = {item.statement.number: item for item in going}
    if any(item.own and item.statement.text == statement.text for item in items):
        return keep(turn)  # the very same, sent once more, keeps its number
    others = [profile_of(item.statement, turn.know) for item in there.values()]
    encode = turn.know.encoder.encode if turn.know.encoder else None
    found = duplicate(profile_of(statement, turn.know), others, encode)
    if found is None:
        return keep(turn)
    item = there[found]
    return go(turn, ALIKE, alike=[found, item.statement.text, item.role, item.own])


def ask_alike(turn: Turn) -> Saying:
    """Show the one that there is already."""
    number, text, role, own = turn.slots["alike"]
    return say("statement/alike", edit=True, number=number, text=text, role=role, own=own)


def hear_alike(turn: Turn) -> Move:
    """Add the words to it, or send them as a new one."""
    match turn.choice:
        case "add":
            return perform(AddWords(turn.slots["alike"][0], turn.slots["text"]), _added)
        case "new":
            return keep(turn)
        case _:
            return go(turn, ALIKE)


def _added(turn: Turn, changed: Changed) -> Move:
    """Say that it has the words; one that is gone meanwhile takes none, so they are sent."""
    if changed.item is None:
        return keep(turn)
    return finish(say("ours/changed", edit=True, item=changed.item, masked=[]))


def keep(turn: Turn) -> Move:
    """Have it kept, and say its number."""
    statement = to_statement(turn.slots)
    return perform(
        StateOffer(statement) if statement.kind == "offer" else StateNeed(statement),
        lambda _turn, sent: hand_over("matches", _told(statement, sent), number=sent.number),
    )


def _told(statement: Statement, sent: Sent) -> Saying:
    """Return the card for what was sent, which says who can see it."""
    return say(
        f"{statement.kind}/sent",
        edit=True,
        number=sent.number,
        kind=statement.kind,
        country=statement.country,
        readers=statement.readers,
        waits_for=sent.waits_for,
    )


def to_statement(slots: Mapping[str, Any]) -> Statement:
    """Return what the draft says."""
    return Statement(
        kind=cast("Kind", slots["kind"]),
        text=slots["text"],
        country=slots["country"],
        themes=tuple(slots.get("themes") or ()),
        sdgs=tuple(slots.get("sdgs") or ()),
        modalities=tuple(slots.get("modalities") or ()),
        countries=tuple(slots.get("countries") or ()),
        model_countries=tuple(slots.get("model_countries") or ()),
        urgency=slots.get("urgency"),
        deadline=slots.get("deadline"),
        people=slots.get("people"),
        readers=cast("Readers", slots["readers"]),
        message=slots.get("message"),
    )


# Its theme


def ask_theme(turn: Turn) -> Saying:
    """Offer the themes that member States named, or all of them."""
    everything = bool(turn.slots.get("all_themes"))
    themes = [theme.id for theme in turn.know.vocabulary.themes.values() if everything or theme.seed]
    return say("statement/theme", edit=True, themes=themes, all=everything, alone=False)


def hear_theme(turn: Turn) -> Move:
    """Take the theme that was chosen or named."""
    if turn.choice == "other":
        return go(turn, THEME, all_themes=True)
    if (theme := meant_theme(turn)) is not None:
        return go_on(turn, themes=[theme], theme_chosen=True)
    return go(turn, THEME, say("shared/not_understood"), all_themes=True)


# Who may see it


def ask_readers(turn: Turn) -> Saying:
    """Ask who may see it."""
    return say("statement/readers", edit=True, kind=turn.slots["kind"], alone=False)


def hear_readers(turn: Turn) -> Move:
    """Keep who may see it."""
    if turn.choice in set[str | None](READERS):
        return go_on(turn, readers=turn.choice)
    return go(turn, READER_CHOICE)


def _step(
    name: str, ask: Callable[[Turn], Saying], hear: Callable[[Turn], Move], *, free: bool = True
) -> Step:
    """Return a step at which the message that holds the words may also be edited."""

    def hear_or_update(turn: Turn) -> Move:
        return take_text(turn, turn.text) if turn.edited and turn.text else hear(turn)

    return Step(name, ask, hear_or_update, free, patient=free)


TEXT = _step("text", ask_text, hear_text)
ALIKE = _step("alike", ask_alike, hear_alike, free=False)
KIND = _step("kind", ask_kind, hear_kind, free=False)
COUNTRY = _step("country", ask_origin, hear_country)
COUNTRIES = _step("countries", ask_countries, hear_countries)
SUMMARY = _step("summary", ask_summary, hear_summary, free=False)
MORE = _step("more", ask_more, hear_more, free=False)
THEME = _step("theme", ask_theme, hear_theme)
READER_CHOICE = _step("readers", ask_readers, hear_readers, free=False)

NEED = Dialogue(
    "need",
    partial(begin, "need"),
    (TEXT, KIND, COUNTRY, SUMMARY, MORE, THEME, READER_CHOICE, ALIKE),
    kept=True,
)
OFFER = Dialogue(
    "offer",
    partial(begin, "offer"),
    (TEXT, KIND, COUNTRY, COUNTRIES, SUMMARY, MORE, THEME, READER_CHOICE, ALIKE),
    kept=True,
)
