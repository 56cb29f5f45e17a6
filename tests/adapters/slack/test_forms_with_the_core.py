"""What is asked on one page: from Slack's forms through the real core and database, and back."""

import pytest
from sqlmodel import select

from adapters.slack.manifest import FORMS
from adapters.slack.render import to_modal
from adapters.wiring import Parts
from bot.forms import Forms
from bot.messages import Address
from bot.store import Offer
from bot.survey_commands import Response
from knowledge.survey import Value
from knowledge.vocabulary import LANGUAGES
from tests.adapters.slack.forums import Forum, forum, parts
from tests.loopback.slack import problems
from tests.loopback.slack_events import (
    Json,
    closed,
    command,
    press,
    shortcut,
    submitted,
    typing,
)
from tests.samples import sample_snapshot, wording

__all__ = ["forum", "parts"]

FORMS_OF_STRANGERS = tuple(name for name in FORMS if name != "survey")
"""The survey is a delegation's."""


async def test_a_need_is_registered_with_the_form(forum: Forum) -> None:
    await forum.does("interactive", shortcut("need_new", user=forum.person))
    view = forum.slack.called("views.open")[-1]["view"]
    words = {"text": "vaccines cold on our outer islands, call me +66 81 234 5678", "readers": "governments"}
    refused = await forum.does("interactive", submitted(view, words, user=forum.person, trigger="T.91"))
    assert (refused["response_action"], list(refused["errors"])) == ("errors", ["text"])
    words["text"] = "We need help to keep vaccines cold on our outer islands, training for 12 technicians"
    taken = await forum.does("interactive", submitted(view, words, user=forum.person, trigger="T.92"))
    assert taken == {}
    assert len(await forum.answers()) >= 1


async def test_an_offer_is_made_of_a_colleagues_message(forum: Forum) -> None:
    words = "We offer training of 30 nurses every year, for Fiji"
    await forum.does("interactive", shortcut("msg_to_offer", user=forum.person, text=words))
    view = forum.slack.called("views.open")[-1]["view"]
    said, field, *_ = view["blocks"]
    assert said["text"]["text"] == "Taken from a message; its author is not stored."
    assert field["element"]["initial_value"] == words
    sent = submitted(view, {"text": words, "readers": "governments"}, user=forum.person, trigger="T.95")
    assert await forum.does("interactive", sent) == {}
    assert len(await forum.answers()) >= 1


async def offered(forum: Forum) -> Json:
    """Return the form of an offer, opened."""
    await forum.does("interactive", shortcut("offer_new", user=forum.person))
    view: Json = forum.slack.called("views.open")[-1]["view"]
    return view


@pytest.mark.parametrize(
    ("lang", "typed", "found"),
    [
        ("en", "lao", "Lao People's Democratic Republic"),
        ("en", "лаос", "Lao People's Democratic Republic"),
        ("fr", "lao", "République démocratique populaire lao"),
        ("ru", "каз", "Казахстан"),
        ("zh", "老挝", "老挝人民民主共和国"),
        ("en", "kazahkstan", "Kazakhstan"),
        ("en", "viet", "Viet Nam"),
    ],
)
async def test_a_country_is_found_by_what_is_typed(forum: Forum, lang: str, typed: str, found: str) -> None:
    await forum.say(f"/lang {lang}")
    looked = await forum.does(
        "interactive", typing(await offered(forum), "countries", typed, user=forum.person)
    )
    assert looked["options"][0]["text"] == {"type": "plain_text", "text": found}


async def test_all_members_are_offered_before_anything_is_typed_and_nobody_else_ever(forum: Forum) -> None:
    view = await offered(forum)
    looked = await forum.does("interactive", typing(view, "countries", "", user=forum.person))
    assert {one["value"] for one in looked["options"]} == set(sample_snapshot().vocabulary.countries)
    for typed in ("Austria", "<zz>", "x" * 5000):
        looked = await forum.does("interactive", typing(view, "countries", typed, user=forum.person))
        assert looked == {"options": []}
    looked = await forum.does("interactive", typing(view, "countries", "Korea", user=forum.person))
    assert {one["value"] for one in looked["options"]} == {"KOR", "PRK"}
    unknown = {**typing(view, "countries", "Fiji", user=forum.person), "action_id": "other"}
    assert await forum.does("interactive", unknown) == {"options": []}


async def test_a_country_that_is_no_member_is_refused_under_its_field(forum: Forum) -> None:
    words = {"text": "We train nurses every year, 30 places", "readers": "governments"}
    sent = submitted(
        await offered(forum), {**words, "countries": "FJI AUT"}, user=forum.person, trigger="T.96"
    )
    refused = await forum.does("interactive", sent)
    assert refused["errors"] == {"countries": "Please choose members or associate members of ESCAP."}


@pytest.mark.parametrize(
    ("country", "text", "chosen", "meant"),
    [
        ("CHN", "We train nurses every year, 30 places", "LAO FJI", ["LAO", "FJI"]),
        ("IND", "We train nurses of Samoa every year, 30 places", "", ["WSM"]),
        ("THA", "We offer courses for teachers, 12 places a term", "", []),
        ("IDN", "We lend drones to fishers of Samoa, 5 of them", "TON", ["TON"]),
    ],
)
async def test_an_offer_is_for_the_countries_of_its_form(
    forum: Forum, country: str, text: str, chosen: str, meant: list[str]
) -> None:
    await forum.say("hello")
    forum.appoint(country, "focal_point")
    values = {"text": text, "readers": "governments", "countries": chosen}
    sent = submitted(await offered(forum), values, user=forum.person, trigger=f"T.{country}")
    assert await forum.does("interactive", sent) == {}
    assert any("O-0" in said for said in await forum.answers())
    theirs = select(Offer).where(Offer.country == country)
    [kept] = forum.parts.store.read(
        lambda session: [row.details["countries"] for row in session.exec(theirs)]
    )
    assert kept == meant


async def joining(forum: Forum) -> Json:
    """Press "Join 1" under the list of working groups."""
    await forum.does("slash_commands", command("groups", user=forum.person, trigger=forum.slack.timestamp()))
    await forum.answers()
    ts, join = next(
        (ts, button)
        for (place, ts), shown in forum.slack.messages.items()
        for block in shown["blocks"]
        if place == f"D{forum.person[1:]}" and block["type"] == "actions"
        for button in block["elements"]
        if button["text"]["text"] == "Join 1"
    )
    tap = press(
        join["action_id"], value=join["value"], user=forum.person, ts=ts, action_ts="1663039899.000001"
    )
    return await forum.does("interactive", tap)


async def test_a_working_group_is_joined_with_a_form(forum: Forum) -> None:
    await forum.say("hello")
    forum.appoint("FJI", "delegate")
    await joining(forum)
    view = forum.slack.called("views.open")[-1]["view"]
    _, capacity, group = view["blocks"]
    assert capacity["element"]["initial_option"]["text"]["text"] == "Fiji, member"
    chosen = group["element"]["initial_option"]["value"]
    assert chosen == next(iter(sample_snapshot().groups))
    strange = {"capacity": "member", "group": "no-such-group"}
    refused = await forum.does("interactive", submitted(view, strange, user=forum.person, trigger="T.97"))
    assert refused["errors"] == {"group": "Please choose one of the working groups."}
    values = {"capacity": "member", "group": chosen}
    assert await forum.does("interactive", submitted(view, values, user=forum.person, trigger="T.98")) == {}
    assert any("Until then you follow the group." in said for said in await forum.answers())


async def test_who_may_not_join_a_group_is_told_so_and_sees_no_form(forum: Forum) -> None:
    await forum.say("hello")
    forum.appoint("FJI", "private_sector")
    opened, first = len(forum.slack.called("views.open")), next(iter(sample_snapshot().groups))
    await forum.does("slash_commands", command(f"groups {first} join", user=forum.person, trigger="T.99"))
    assert any("Working groups have government members." in said for said in await forum.answers())
    await forum.does("slash_commands", command("groups nonsense join", user=forum.person, trigger="T.100"))
    assert any("I know no working group" in said for said in await forum.answers())
    assert len(forum.slack.called("views.open")) == opened


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("country", [None, "PRK"])
def test_the_form_of_a_group_fits_in_every_language(lang: str, country: str | None) -> None:
    know = sample_snapshot()
    form = Forms(wording()).group(next(iter(know.groups.values())), country, lang, know)
    assert list(problems(to_modal(form)["blocks"], 100)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", [*FORMS_OF_STRANGERS, "join G-0001"])
async def test_every_form_fits_in_every_language(parts: Parts, name: str, lang: str) -> None:
    form = await parts.assistant.form(name, Address("slack", "U0NOBODY"), lang)
    assert form is not None
    assert form.lang == lang
    assert list(problems(to_modal(form)["blocks"], 100)) == []


async def surveyed(forum: Forum) -> Json:
    """Ask for the survey and return the form that opens."""
    await forum.does("slash_commands", command("survey", user=forum.person, trigger=forum.slack.timestamp()))
    view: Json = forum.slack.called("views.open")[-1]["view"]
    return view


async def test_the_survey_is_answered_with_a_form_and_goes_on_in_words(forum: Forum) -> None:
    await forum.say("hello")
    forum.appoint("WSM", "delegate")
    view = await surveyed(forum)
    assert [block["block_id"] for block in view["blocks"][1:]] == ["question:role", "question:access"]
    strange = {"question:role": "neither", "question:access": "3"}
    refused = await forum.does("interactive", submitted(view, strange, user=forum.person, trigger="T.201"))
    assert refused["errors"] == {"question:role": "Please choose one of the answers shown."}
    values = {"question:role": "both", "question:access": "3"}
    assert await forum.does("interactive", submitted(view, values, user=forum.person, trigger="T.202")) == {}
    # What follows from the first answer is asked next, on the page and in words.
    assert "In which forms does your country give cooperation?" in (await forum.answers())[-1]
    view = await surveyed(forum)
    elements = {block["block_id"]: block["element"] for block in view["blocks"][1:]}
    assert elements["question:role"]["initial_option"]["value"] == "both"
    assert elements["question:forms-given"]["type"] == "multi_static_select"
    several = {**values, "question:forms-given": "training experts", "question:need": "Cold rooms"}
    assert await forum.does("interactive", submitted(view, several, user=forum.person, trigger="T.203")) == {}
    view = await surveyed(forum)
    elements = {block["block_id"]: block["element"] for block in view["blocks"][1:]}
    chosen = [one["value"] for one in elements["question:forms-given"]["initial_options"]]
    assert (chosen, elements["question:need"]["initial_value"]) == (["training", "experts"], "Cold rooms")


async def test_a_form_takes_back_nothing_that_a_colleague_answered_meanwhile(forum: Forum) -> None:
    await forum.say("hello")
    forum.appoint("VUT", "delegate")
    view = await surveyed(forum)
    meanwhile = submitted(view, {"question:access": "4"}, user=forum.person, trigger="T.205")
    assert await forum.does("interactive", meanwhile) == {}
    late = submitted(view, {"question:role": "gives"}, user=forum.person, trigger="T.206")
    assert await forum.does("interactive", late) == {}
    elements = {block["block_id"]: block["element"] for block in (await surveyed(forum))["blocks"][1:]}
    assert elements["question:access"]["initial_option"]["value"] == "4"
    assert elements["question:role"]["initial_option"]["value"] == "gives"


async def test_what_was_entered_stays_when_the_survey_is_closed(forum: Forum) -> None:
    await forum.say("hello")
    forum.appoint("TON", "delegate")
    view = await surveyed(forum)
    before = await forum.answers()
    await forum.does("interactive", closed(view, {}, user=forum.person))
    assert await forum.answers() == before
    await forum.does("interactive", closed(view, {"question:role": "receives"}, user=forum.person))
    assert "Which forms of cooperation does your country look for?" in (await forum.answers())[-1]


async def test_who_does_not_answer_the_survey_is_told_so_in_words(forum: Forum) -> None:
    await forum.say("hello")
    opened = len(forum.slack.called("views.open"))
    await forum.does("slash_commands", command("survey", user=forum.person, trigger="T.210"))
    assert len(forum.slack.called("views.open")) == opened
    assert any("survey" in said for said in await forum.answers())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_form_of_the_survey_fits_in_every_language(lang: str) -> None:
    know = sample_snapshot()
    answers: dict[str, Value] = {"role": "both", "forms-given": ["training", "finance"], "need": "Cold rooms"}
    form = Forms(wording()).survey(Response("FJI", answers, False, True), lang, know)
    assert len(form.fields) == len(know.survey)
    assert list(problems(to_modal(form)["blocks"], 100)) == []
