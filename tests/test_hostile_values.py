"""What people fill in stays a value, wherever it is shown: every text field, every way out, every hostile string."""

import io
import json
import re
import zipfile
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, String, select, update
from sqlmodel import SQLModel

import bot.retention  # noqa: F401 - its tables
from adapters.logs import processors
from adapters.paper import Sheet, to_pdf
from adapters.telegram.render import to_venue
from adapters.webchat.chat import disposition
from bot import ledger, takeout
from bot.adaptations import PracticeAdaptation
from bot.commands import Person
from bot.database import Store
from bot.dialogue import Saying, say
from bot.gap_commands import GapSide, Lack, OpenGap, PairGap
from bot.gaps import cleaned
from bot.join_commands import Third
from bot.maps import on_map
from bot.meetings import MeetingRow, MeetingSide
from bot.messages import Attachment, Card, Field, Inbound, Media, Text
from bot.participants import PEOPLE, known
from bot.practices import SubmittedPractice, to_submitted
from bot.profiles import ProviderProfile
from bot.projects import JointProject, ProjectSide
from bot.published import PublishedAnswer, entries
from bot.questions import to_faq_answer
from bot.routing import UNSEEN
from bot.store import Need, Offer, QueuedQuestion
from bot.surveys import SurveyAnswer
from knowledge.forum import Coordinates
from knowledge.vocabulary import Localised
from tests import renderings
from tests.bot.ledgers import NOW
from tests.databases import store_on
from tests.hostile import VALUES
from tests.samples import sample_snapshot, wording
from tests.transcript import Stage, Watch

every_string = pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)

FILLED = {
    "participant": {"name", "email", "position", "organisation", "number", "country"},
    "need": {"text"},
    "offer": {"text", "refusal"},
    "circular_reply": {"words"},
    "question": {"text", "answer"},
    "gap": {"lacks"},
    "join_side": {"gives", "conditions"},
    "practice_adaptation": {"said"},
    "provider_profile": {"text"},
    "submitted_practice": {"title", "text", "notes", "organisation", "refusal"},
    "survey_answer": {"value"},
    "meeting_side": {"next_steps"},
    "project_side": {"wish"},
    "published_answer": {"title", "texts", "phrasings"},
}
"""The columns that hold what somebody wrote, and that are filled with hostile strings here."""
BY_WAY_OF_A_CARD = {
    "delivery": {"card"},
    "shared_card": {"card"},
    "broadcast": {"words"},
    "circular": {"texts", "choices"},
    "group_word": {"texts"},
    "conversation": {"state"},
    "inbox": {"payload"},
}
"""Columns that hold such words as part of a card or a message: the cards themselves are looked at."""
OURS = {
    "audit_entry": {"actor", "action", "subject", "on_behalf", "details", "before", "hash"},
    "audit_subject": {"subject"},
    "address": {"channel", "user", "chat"},
    "broadcast": {"key", "kind", "state", "audience", "session"},
    "calendar_feed": {"salt", "token_digest"},
    "consent": {"kind", "version", "lang"},
    "delivery": {
        *("ref", "kind", "channel", "user", "chat", "thread", "about", "replaces", "state", "owner"),
        *("message", "cause"),
    },
    "delivery_event": {"event", "cause"},
    "following": {"session"},
    "circular": {"group"},
    "circular_reply": {"answer"},
    "group_chat": {"channel", "chat", "topic", "group"},
    "group_place": {"group", "capacity"},
    "group_word": {"group"},
    "gap_answer": {"shows"},
    "inbox": {"channel", "user", "key"},
    "introduction": {"about", "fits"},
    "introduction_grant": {"what"},
    "join_side": {"part"},
    "joint_project": {"texts", "lead"},
    "link_request": {"purpose", "token_digest", "code_digest", "email_digest", "channel", "user"},
    "meeting": {"about", "state", "place", "held_place", "interpreter"},
    "meeting_side": {"outcome"},
    "muted_theme": {"theme"},
    "need_group": {"encoder"},
    "need": {"country", "role", "lang", "details", "readers", "message"},
    "offer": {"country", "role", "lang", "details", "readers", "message"},
    "participant": {
        *("listed_in", "role", "language", "guessed_language", "preferred_channel", "muted"),
        *("consented", "visible_to"),
    },
    "practice_adaptation": {"practice", "state"},
    "provider_profile": {"details", "seen_by"},
    "place_taken": {"place"},
    "project_side": {"country", "meeting"},
    "submitted_practice": {"country", "role", "theme", "form", "countries"},
    "published_answer": {"topic", "lang"},
    "purge_report": {"refused", "counts"},
    "question": {"lang", "topic"},
    "session_change": {"session", "room"},
    "shared_card": {"lang"},
    "survey_answer": {"country", "question"},
    "survey_response": {"country"},
    "tally": {"whose", "times"},
    "tombstone": {"person", "mailbox"},
}
"""Columns in which nobody but the assistant, a platform or a checked choice writes."""


PAUSE = timedelta(seconds=5)


def texts() -> dict[str, set[str]]:
    """Return the text columns of each table of the core."""
    found = {}
    for mapper in SQLModel._sa_registry.mappers:
        table: Any = mapper.local_table
        if mapper.class_.__module__.startswith("bot."):
            columns = {one.name for one in table.columns if isinstance(_type(one), String | JSON)}
            found[table.name] = columns
    return {name: columns for name, columns in found.items() if columns}


def _type(column: Any) -> Any:
    return getattr(column.type, "impl", column.type)


def test_every_text_column_is_filled_or_known_to_hold_no_words() -> None:
    told: dict[str, set[str]] = {}
    for part in (FILLED, BY_WAY_OF_A_CARD, OURS):
        for name, columns in part.items():
            told[name] = told.get(name, set()) | columns
    assert texts() == told


def cards(store: Store) -> list[Card]:
    """Return all cards in the ledger."""
    query = select(ledger.ROWS.c.ref, ledger.CARD.label("card")).select_from(ledger.WITH_CARDS)
    found = store.read(lambda session: session.execute(query).all())
    return [Card.from_json({**row.card, "ref": row.ref}) for row in found if "heard" not in row.card]


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    with store_on("sqlite", tmp_path) as store:
        play = Stage(store, Watch(NOW))
        play.register("mele", "focal_point", "FJI", "en")
        play.register("ana", "delegate", "KIR", "fr")
        play.register("officer", "secretariat", None, "ru")
        yield play


async def hear(play: Stage, name: str, heard: Any) -> None:
    """Let somebody say what no transcript can hold."""
    play.pass_time(PAUSE)
    play.count += 1
    address = play.person(name).address
    await play.assistant.receive(
        Inbound(f"h{play.count}", address, play.watch.now, heard, chat=name, message=f"u{play.count}")
    )
    await play.assistant.drain()


@every_string
async def test_what_somebody_says_stays_a_value_in_every_answer(stage: Stage, value: str) -> None:
    said: list[Any] = [
        Text(f"we need help with floods {value}"),
        *(Text("/send"), Text("1")),
        Text(f"we offer training on floods {value}"),
        Text("1"),
        Text(value),
        Text(f"/person {value}"),
        Text(f"/link {value}@ministry.example"),
        Text(value),
        Text("/cancel"),
        Text(f"/lang {value}"),
        Text(f"/matches {value}"),
        Text(f"/where {value}"),
        Text(f"/{value}"),
        Text(value, forwarded=True),
        Media("document", value),
    ]
    for heard in said:
        await hear(stage, "mele", heard)
        await hear(stage, "stranger", heard)
    await hear(stage, "ana", Text("we need help with floods"))
    await hear(stage, "officer", Text("/questions"))
    await hear(stage, "officer", Text(f"/answer Q-1 {value}"))
    written = cards(stage.store)
    assert len(written) > 30
    for card in written:
        renderings.check(card)


@every_string
def test_what_is_kept_stays_a_value_in_papers_lists_and_copies(stage: Stage, value: str) -> None:
    value = value.replace("\0", "").encode(errors="replace").decode()  # no import lets these in
    filled = {
        "name": value,
        "position": value,
        "organisation": value,
        "number": value,
        "email": f"{value}@x.example",
    }

    def fill(session: Any) -> Any:
        own = known(session, stage.person("mele").address)
        assert own is not None
        session.execute(update(PEOPLE).where(PEOPLE.c.id == own.actor.id).values(filled))
        for model in (Need, Offer):
            session.add(
                model(
                    participant_id=own.actor.id, country="FJI", lang="en", text=value, details={},
                    readers="all", created_at=NOW,
                )
            )  # fmt: skip
        session.add(
            ProviderProfile(
                participant_id=own.actor.id, text=value, details={}, seen_by="registered",
                changed_at=NOW, due_at=NOW,
            )
        )  # fmt: skip
        session.add(
            SubmittedPractice(
                participant_id=own.actor.id, role="delegate", organisation=value, title=value, text=value,
                notes=value, refusal=value, theme="x", form="x", countries=[], created_at=NOW,
            )
        )  # fmt: skip
        session.add(PracticeAdaptation(participant_id=own.actor.id, practice="x", said=value, begun_at=NOW))
        session.add(
            SurveyAnswer(
                country="FJI", question="need", value=value, answered_by=own.actor.id, answered_at=NOW
            )
        )
        session.add(
            QueuedQuestion(participant_id=own.actor.id, lang="en", text=value, answer=value, asked_at=NOW)
        )
        session.add(JointProject(id=1, group=1, texts={"en": value}, asked_at=NOW, answers_until=NOW))
        session.flush()
        session.add(ProjectSide(project_id=1, country="FJI", need_id=1, answered_by=own.actor.id, wish=value))
        session.add(MeetingRow(id=1, state="booked", changed_at=NOW))
        session.flush()
        session.add(MeetingSide(meeting_id=1, participant_id=own.actor.id, next_steps=value))
        session.flush()
        session.expire_all()
        actor = known(session, stage.person("mele").address)
        assert actor is not None
        return takeout.take_along(session, actor.actor, stage.turns.press(stage.know), NOW)

    file = stage.store.write(fill).result().file
    assert re.fullmatch(r"my-data-\d{8}\.zip", file.name)
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.namelist() == ["my-data.json", "my-data.html"]
        data = json.loads(archive.read("my-data.json"))
        page = archive.read("my-data.html").decode()
    assert data["need"][0]["text"] == value
    tags = {"html", "meta", "title", "style", "h1", "h2", "p", "table", "tr", "td"}
    renderings.as_html(page, tags, {"lang", "charset"})
    shown = UNSEEN.sub("", value).split()
    if shown:
        assert " ".join(shown) in " ".join(renderings.Tags(page).text.split())
    renderings.as_csv({**filled, "country": "Fiji"})


@every_string
def test_a_name_stays_a_value_in_every_utterance_about_people(value: str) -> None:
    know = sample_snapshot()
    people = ((1, value, "FJI", "delegate"), (2, value, None, "media"))
    sayings = [
        say("link/person", edit=True, people=people[:1]),
        say("link/person", edit=True, people=people),
        say("link/already", name=value, country="FJI"),
        say("link/language", edit=True, name=value),
        say("link/disowned", names=value),
        say("shared/question_waits", number="Q-1", question=value, lang="en", before=value),
        say("shared/question_answered", number="Q-1", question=value, answer=value, at=NOW),
        say("shared/read_as", heard=value, meant=value),
    ]
    for saying in sayings:
        for lang in ("en", "fr", "ru", "zh"):
            renderings.check(wording().card(saying, lang, "c1", know))


@every_string
def test_what_is_lacking_stays_a_value(value: str) -> None:
    lacks = cleaned([Lack("stated", value), Lack("equipment_inkind", value)])
    pair = PairGap("I-0001", "N-0001", "O-0001", lacks)
    side = GapSide("delegate", "PAC", frozenset(), {"name": value, "organisation": value})
    names = {"name": value, "organisation": value}
    third = Third("J-0001", "G-0001", "provides", "joined", NOW, value, value, others={"partner": names})
    gap = OpenGap("G-0001", ("public_health",), lacks, side, side)
    sayings = [
        say("gap/asked", gap=pair, steps=False),
        say("gap/state", gap=pair, fresh=True),
        say("gap/fix", own="N-0001", theirs="O-0001", lacks=lacks, others=["travel"]),
        say("gap/gone", number=value),
        *(say(f"join/{name}", third=third) for name in ("asked", "offered", "joined", "sure", "sent")),
        *(say(f"join/{name}", third=third, text=value) for name in ("replied",)),
        say("join/question_heard", third=third, text=value, by="receives"),
        say("join/check", gap="G-0001", gives=value, conditions=value, call=True, masked=True),
        say("gaps/told", gap=gap),
        say("gaps/one", gap=gap, offered=False),
        say("gaps/list", gaps=[gap], more=0, offered=[], joined=[]),
    ]
    for saying in sayings:
        renderings.check(wording().card(saying, "en", "c1", sample_snapshot()))


@every_string
def test_a_practice_that_somebody_told_of_stays_a_value(value: str) -> None:
    row = SubmittedPractice(
        id=1, participant_id=1, role="private_sector", organisation=value, title=value, text=value, notes=value,
        refusal=value, theme="public_health", form="training", countries=[], created_at=NOW, refused_at=NOW,
    )  # fmt: skip
    told = to_submitted(row)
    draft = {"title": value, "text": value, "notes": value}
    facets = {"theme": "public_health", "form": "training", "countries": []}
    sayings = [
        *(say(f"practice/{name}", submitted=told) for name in ("check", "mine", "answered", "sent")),
        say("practice/list", found=[told], checks=True),
        say("practice/countries", chosen=[], unread=[value]),
        say("practice/text", text=value, masked=[]),
        say("practice/title", title=value),
        say("practice/summary", draft={**draft, **facets}, masked=["email"], private_sector=True),
        say("practices/card", practice=told.practice, providers=[], similar=[told.practice], asks=True),
    ]
    for saying in sayings:
        renderings.check(wording().card(saying, "en", "c1", sample_snapshot()))


@every_string
def test_an_answer_for_everybody_stays_a_value(value: str) -> None:
    kept = PublishedAnswer(
        id=1, title=value, lang="en", texts={"en": value}, phrasings={"en": [value]}, published_at=NOW
    )
    (entry,) = entries([kept], {}).values()
    answer = to_faq_answer(kept)
    sayings = [
        say("ask/answer", entry=entry),
        say("ask/choices", entries=[entry], question=value, public=False),
        say("questions/answer", number="Q-1", question=value, language="en", before=value),
        say("questions/alike", number="Q-1", people=2, alike=[["Q-2", value], ["Q-3", value]]),
        say("questions/check", title=value, text=value, too=[value]),
        say("questions/words", part="answer", now=value),
        say("questions/all_published", answers=[answer]),
        say("questions/translation", title=value, now=value, into="fr"),
    ]
    for saying in sayings:
        renderings.check(wording().card(saying, "en", "c1", sample_snapshot()))


@every_string
def test_the_name_of_the_venue_stays_a_value(value: str) -> None:
    value = value.encode(errors="replace").decode()  # a pack is UTF-8
    know, place = sample_snapshot(), Coordinates(10.5, -20.25)
    named = {"venue": Localised(en=value), "city": Localised(en=value)}
    know = replace(know, forum=replace(know.forum, **named))
    card = wording().card(Saying("ask/venue", {"map": on_map(place)}, coordinates=place), "en", "c1", know)
    renderings.check(card)
    assert card.fields == (Field("Map", on_map(place).replace("&", "&amp;")),)
    name = " ".join(UNSEEN.sub("", value).split())
    shown = {part: " ".join(str(text).split()) for part, text in to_venue(card, place).items()}
    assert shown == {"latitude": "10.5", "longitude": "-20.25", "title": name, "address": name}


@every_string
def test_a_name_is_no_instruction_on_paper(value: str) -> None:
    value = value.replace("\0", "").encode(errors="replace").decode()
    card = Card("c1", "en", heading="Letter", body="Hello")
    assert to_pdf("letter", [Sheet((value, value), card)]).startswith(b"%PDF")


@every_string
@pytest.mark.parametrize("form", ["console", "json"])
def test_a_value_makes_no_second_line_in_the_log(value: str, form: Any) -> None:
    written: Any = {"event": "web_request_failed", "path": value, "user": value}
    for process in processors(form):
        written = process(None, "error", written)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", written)


@every_string
def test_a_file_keeps_its_name_and_nothing_else(value: str) -> None:
    header = disposition(Attachment(value, "application/pdf", b"", "x"))
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[A-Za-z0-9%._~-]*", header)


def test_the_parts_of_a_person_are_all_filled() -> None:
    """A column that a person gets tomorrow is shown in lists and letters, and has to be filled here."""
    ours = {"role", "language", "channels", "several"}
    words = {part.name for part in fields(Person) if "str" in str(part.type)} - ours
    assert words <= FILLED["participant"] | {"preferred_channel"}
