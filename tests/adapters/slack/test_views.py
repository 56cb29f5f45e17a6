"""The App Home and the modals."""

import asyncio

import pytest

from adapters.slack import Slack
from bot.messages import Immediate, Media, Submitted, Tap, Text
from tests.adapters.slack.conftest import CARD, Recording, outbound
from tests.loopback.slack import Error, Hang, Loopback, RateLimited
from tests.loopback.slack_events import (
    Json,
    closed,
    command,
    home_opened,
    message,
    press,
    shortcut,
    submitted,
)

pytestmark = pytest.mark.usefixtures("on")


async def opened(slack: Loopback) -> Json:
    """Return the modal of the need, opened with the global shortcut."""
    await slack.ack("interactive", shortcut("need_new"))
    view: Json = slack.called("views.open")[-1]["view"]
    return view


async def test_the_home_is_published_when_it_is_opened(slack: Loopback) -> None:
    await slack.ack("events_api", home_opened())
    [published] = await slack.wait_for("views.publish")
    assert published["user_id"] == "U0ANA"
    first, *_ = published["view"]["blocks"]
    assert first == {"type": "header", "text": {"type": "plain_text", "text": "Next for you"}}


async def test_the_home_is_published_again_after_a_turn(slack: Loopback) -> None:
    await slack.ack("events_api", home_opened())
    await slack.wait_for("views.publish")
    await slack.ack("events_api", message("hello"))
    await slack.wait_for("views.publish", 2)
    assert slack.homes["U0ANA"]["blocks"][1]["text"]["text"] == "Room B, view 2"


async def test_a_home_nobody_opened_is_not_published(slack: Loopback, core: Recording) -> None:
    await slack.ack("events_api", home_opened(tab="messages"))
    await slack.ack("events_api", message("hello"))
    await slack.ack("events_api", message("hello", user="U0BOB"))
    assert core.published == 0


async def test_a_home_waits_out_the_pause_that_slack_asks_for(slack: Loopback) -> None:
    slack.next("views.publish", RateLimited(0))
    await slack.ack("events_api", home_opened())
    await slack.wait_for("views.publish", 2)


async def test_many_turns_at_once_publish_the_last_state(slack: Loopback, core: Recording) -> None:
    await slack.ack("events_api", home_opened())
    await slack.wait_for("views.publish")
    await asyncio.gather(*(slack.ack("events_api", message("hello", ts=f"9.{n:06}")) for n in range(10)))
    calls = await slack.wait_for("views.publish", 2)
    assert len(calls) <= 11


async def test_a_button_of_the_home_opens_the_form(slack: Loopback, core: Recording) -> None:
    await slack.ack("interactive", press("menu:0", value="/need", home=True))
    [call] = slack.called("views.open")
    assert (call["trigger_id"], call["view"]["callback_id"]) == ("T.2", "form:need")
    assert core.heard == []


async def test_a_command_on_the_home_is_the_command_and_a_choice_is_a_tap(
    slack: Loopback, core: Recording
) -> None:
    await slack.ack("interactive", press("menu:1", value="/where", home=True))
    await slack.ack("interactive", press("menu:2", value="yes", home=True))
    assert [heard.heard for heard in core.heard] == [Text("/where"), Tap("menu", 2)]
    assert {heard.chat for heard in core.heard} == {"U0ANA"}


@pytest.mark.parametrize(("name", "form"), [("need_new", "form:need"), ("offer_new", "form:offer")])
async def test_a_shortcut_opens_its_form(slack: Loopback, name: str, form: str) -> None:
    await slack.ack("interactive", shortcut(name))
    assert [call["view"]["callback_id"] for call in slack.called("views.open")] == [form]


@pytest.mark.parametrize(("name", "form"), [("msg_to_need", "form:need"), ("msg_to_offer", "form:offer")])
async def test_somebodys_message_becomes_a_form_with_its_words(
    slack: Loopback, core: Recording, name: str, form: str
) -> None:
    await slack.ack("interactive", shortcut(name, text="We train nurses &amp; midwives"))
    [call] = slack.called("views.open")
    assert call["view"]["callback_id"] == form
    assert call["view"]["blocks"][0]["element"]["initial_value"] == "We train nurses & midwives"
    assert "U0COLLEAGUE" not in str(call)
    assert core.heard == []


@pytest.mark.parametrize("trouble", [Error("expired_trigger_id"), Hang()])
async def test_a_message_whose_form_does_not_open_is_asked_about(
    slack: Loopback, core: Recording, trouble: Error | Hang
) -> None:
    slack.next("views.open", trouble)
    await slack.ack("interactive", shortcut("msg_to_offer", text="We train nurses"))
    assert [heard.heard for heard in core.heard] == [Text("We train nurses", forwarded=True)]


async def test_a_message_longer_than_a_field_is_asked_about(slack: Loopback, core: Recording) -> None:
    await slack.ack("interactive", shortcut("msg_to_offer", text="nurses " * 500))
    assert slack.called("views.open") == []
    assert [heard.heard for heard in core.heard] == [Text(("nurses " * 500).strip(), forwarded=True)]


async def test_a_picture_is_no_form(slack: Loopback, core: Recording) -> None:
    picture = shortcut("msg_to_offer", text="")
    picture["message"]["files"] = [{"id": "F1", "mimetype": "image/png"}]
    await slack.ack("interactive", picture)
    assert slack.called("views.open") == []
    assert [heard.heard for heard in core.heard] == [Media("photo")]


async def test_the_bare_command_opens_the_form_and_words_go_to_the_core(
    slack: Loopback, core: Recording
) -> None:
    await slack.ack("slash_commands", command("need"))
    await slack.ack("slash_commands", command("need cold chain", trigger="T.8"))
    assert len(slack.called("views.open")) == 1
    assert [heard.heard for heard in core.heard] == [Text("/need cold chain")]


@pytest.mark.parametrize("trouble", [Error("expired_trigger_id"), Error("internal_error"), Hang()])
async def test_a_form_that_does_not_open_becomes_a_conversation(
    slack: Loopback, core: Recording, trouble: Error | Hang
) -> None:
    slack.next("views.open", trouble)
    await slack.ack("slash_commands", command("need"))
    assert [heard.heard for heard in core.heard] == [Text("/need")]


async def test_a_form_opened_by_a_retry_is_not_asked_for_again(slack: Loopback, core: Recording) -> None:
    slack.next("views.open", Error("exchanged_trigger_id"))
    await slack.ack("interactive", shortcut("need_new"))
    assert core.heard == []


async def test_a_form_sent_reaches_the_core_by_field(slack: Loopback, core: Recording) -> None:
    view = await opened(slack)
    assert await slack.ack("interactive", submitted(view, {"text": "cold chain", "theme": "health"})) == {}
    [heard] = core.heard
    assert heard.heard == Submitted("need", {"text": "cold chain", "theme": "health"})
    assert (heard.key, heard.chat) == ("view:T.4", "U0ANA")


async def test_an_empty_field_is_an_empty_word(slack: Loopback, core: Recording) -> None:
    view = await opened(slack)
    await slack.ack("interactive", submitted(view, {"text": "cold chain"}))
    assert core.heard[0].heard == Submitted("need", {"text": "cold chain", "theme": ""})


async def test_what_is_wrong_stands_under_its_field(slack: Loopback, core: Recording) -> None:
    view = await opened(slack)
    core.says.append(Immediate(errors={"text": "Please remove the telephone number."}))
    answer = await slack.ack("interactive", submitted(view, {"text": "call +66 81"}))
    assert answer == {"response_action": "errors", "errors": {"text": "Please remove the telephone number."}}


async def test_a_corrected_form_is_a_new_message(slack: Loopback, core: Recording) -> None:
    view = await opened(slack)
    for trigger in ("T.5", "T.6", "T.6"):
        await slack.ack("interactive", submitted(view, {"text": "cold chain"}, trigger=trigger))
    assert [heard.key for heard in core.heard] == ["view:T.5", "view:T.6", "view:T.6"]


async def test_words_of_a_closed_form_are_kept_as_a_draft(slack: Loopback, core: Recording) -> None:
    view = await opened(slack)
    await slack.ack("interactive", closed(view, {"text": " cold chain ", "theme": "health"}))
    assert [heard.heard for heard in core.heard] == [Text("/need cold chain")]


async def test_a_form_closed_empty_says_nothing(on: Slack, slack: Loopback, core: Recording) -> None:
    view = await opened(slack)
    await slack.ack("interactive", closed(view, {"theme": "health"}))
    assert core.heard == []


async def test_the_home_is_written_anew_for_whoever_is_told_something(on: Slack, slack: Loopback) -> None:
    await on.send(outbound(CARD))
    assert slack.homes == {}
    await slack.ack("events_api", home_opened())
    await slack.wait_for("views.publish")
    await on.send(outbound(CARD))
    await slack.wait_for("views.publish", 2)
    assert "view 2" in str(slack.homes["U0ANA"])
