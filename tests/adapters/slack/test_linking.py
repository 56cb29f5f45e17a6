"""Linking in Slack: the button on the Home, the modal for the address and the digits, and the direct message."""

import itertools
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import Session, col, select

from adapters.settings import Settings
from adapters.slack.render import to_modal
from adapters.wiring import Parts, open_parts
from bot.dialogue import say
from bot.forms import Forms
from bot.links import REQUESTS, revealed
from bot.messages import Address, Card, Submitted
from bot.sender import Sender
from bot.store import Delivery, Participant
from knowledge.vocabulary import LANGUAGES
from tests.adapters.slack.forums import at_work
from tests.loopback.slack import Loopback, problems
from tests.loopback.slack_events import Json, closed, home_opened, press, submitted
from tests.samples import wording

PEOPLE = itertools.count(1)
TRIGGERS = itertools.count(1000)


@dataclass
class Delegate:
    """Somebody on the registration list who opens Slack."""

    slack: Loopback
    parts: Parts
    sender: Sender
    user: str
    email: str

    async def opens(self) -> Json:
        """Tap the button on the Home and return the modal that opens."""
        await self.slack.ack("events_api", home_opened(user=self.user))
        await self.slack.wait_until(lambda: self.user in self.slack.homes, bool)
        action, value = next(
            (button["action_id"], button["value"])
            for block in self.slack.homes[self.user]["blocks"]
            if block["type"] == "actions"
            for button in block["elements"]
            if button["text"]["text"] == "Link my registration"
        )
        await self.slack.ack("interactive", press(action, value=value, user=self.user, home=True))
        view: Json = self.slack.called("views.open")[-1]["view"]
        return view

    async def sends(self, view: Json, **values: str) -> Json:
        """Send the modal and return what Slack is told."""
        trigger = f"T.{next(TRIGGERS)}"
        return await self.slack.ack("interactive", submitted(view, values, user=self.user, trigger=trigger))

    def digits(self) -> str:
        """Return the digits of the newest letter."""

        def read(session: Session) -> Card:
            letters = select(Delivery).where(Delivery.channel == "mail", Delivery.user == self.email)
            row = session.exec(letters.order_by(col(Delivery.id).desc())).first()
            assert row is not None
            assert row.card is not None
            return Card.from_json({**row.card, "ref": row.ref})

        card = revealed(self.parts.store.read(read), self.parts.keys, "")
        return next(part.value for part in card.fields if part.label == "Digits")

    async def told(self) -> list[str]:
        """Return what stands in the direct conversation once nothing is under way."""
        await self.parts.assistant.drain()
        await self.sender.settled(Address("slack", self.user))
        place = f"D{self.user[1:]}"
        return [shown["text"] for (where, _), shown in self.slack.messages.items() if where == place]

    async def home(self) -> str:
        """Return the Home as it is published after all that has happened."""
        count = len(self.slack.called("views.publish"))
        await self.slack.ack("events_api", home_opened(user=self.user))
        await self.slack.wait_for("views.publish", count + 1)
        return str(self.slack.homes[self.user]["blocks"])


@pytest.fixture(scope="module")
def parts(started_before: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    database = shutil.copy(started_before, tmp_path_factory.mktemp("saphan"))
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{database}",
        # Nobody sends e-mail here: the letters stay in the ledger, where they are read.
        smtp_url=SecretStr("smtp://localhost:9"),
        mail_from="forum@host.example",
    )
    with open_parts(settings) as opened:
        yield opened


@pytest.fixture
async def delegate(slack: Loopback, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Delegate]:
    number = next(PEOPLE)
    email = f"dg{number}@ministry.example"
    row = Participant(
        name="Mele Tupou",
        email=email,
        country="TON",
        role="delegate",
        confirmed=True,
        created_at=parts.clock.machine(),
    )
    parts.store.write(lambda session: session.add(row)).result()
    async with at_work(slack, parts, monkeypatch) as sender:
        yield Delegate(slack, parts, sender, f"U{number:08}", email)


async def test_a_delegate_links_with_the_modal(delegate: Delegate) -> None:
    view = await delegate.opens()
    assert view["title"]["text"] == "Link registration"
    assert view["submit"]["text"] == "Send link"
    wrong = await delegate.sends(view, email="minister.office(at)gov")
    assert wrong["response_action"] == "errors"
    assert wrong["errors"]["email"].startswith("That does not look like an e-mail address.")
    assert await delegate.told() == []
    sent = await delegate.sends(view, email=delegate.email)
    assert sent["response_action"] == "update"
    assert list(problems(sent["view"]["blocks"], 100)) == []
    assert sent["view"]["blocks"][0]["text"]["text"].startswith("If this address is registered, ")
    assert await delegate.sends(sent["view"], code="482 91") == {
        "response_action": "errors",
        "errors": {"code": "The code has 6 digits."},
    }
    assert await delegate.sends(sent["view"], code=delegate.digits()) == {}
    assert (await delegate.told())[-1].startswith("Is this you?\nMele Tupou")
    assert "You are not linked yet." in await delegate.home()
    ts, shown = [(ts, shown) for (_, ts), shown in delegate.slack.messages.items()][-1]
    yes = next(block for block in shown["blocks"] if block["type"] == "actions")["elements"][0]
    tap = press(yes["action_id"], user=delegate.user, ts=ts, action_ts=delegate.slack.timestamp())
    await delegate.slack.ack("interactive", tap)
    assert "You are linked: Mele Tupou." in (await delegate.told())[-1]
    assert "You are not linked yet." not in await delegate.home()


async def test_an_address_that_is_not_registered_gets_the_same_modal(delegate: Delegate) -> None:
    view = await delegate.opens()
    known = await delegate.sends(view, email=delegate.email)
    unknown = await delegate.sends(view, email=f"nobody-{delegate.email}")
    assert known == unknown
    assert len(set(await delegate.told())) == 1


async def test_the_address_of_the_workspace_is_sent_with_one_tap_and_still_needs_its_digits(
    delegate: Delegate,
) -> None:
    delegate.slack.emails[delegate.user] = delegate.email
    view = await delegate.opens()
    there = view["blocks"][-1]["element"]["initial_value"]
    sent = await delegate.sends(view, email=there)
    assert sent["response_action"] == "update"
    assert (await delegate.sends(sent["view"], code="12345"))["errors"] == {"code": "The code has 6 digits."}
    assert await delegate.sends(sent["view"], code=delegate.digits()) == {}
    assert (await delegate.told())[-1].startswith("Is this you?\nMele Tupou")


async def test_the_form_does_not_tell_whether_its_address_is_registered(delegate: Delegate) -> None:
    delegate.slack.emails[delegate.user] = delegate.email
    known = json.dumps(await delegate.opens())
    delegate.slack.emails[delegate.user] = f"nobody-{delegate.email}"
    assert json.dumps(await delegate.opens()) == known.replace(delegate.email, f"nobody-{delegate.email}")


async def test_wrong_digits_stand_under_the_field_and_count(delegate: Delegate) -> None:
    view = (await delegate.sends(await delegate.opens(), email=delegate.email))["view"]
    wrong = f"{(int(delegate.digits().replace(' ', '')) + 1) % 10**6:06}"
    said = [(await delegate.sends(view, code=wrong))["errors"]["code"] for _ in range(5)]
    assert said[0] == "These are not the digits of the last e-mail. You can try 4 more times."
    assert said[4] == "This code no longer works. Close and ask for a new one."
    assert len(await delegate.told()) == 1


async def test_digits_that_have_expired_say_what_to_do(delegate: Delegate) -> None:
    view = (await delegate.sends(await delegate.opens(), email=delegate.email))["view"]
    delegate.parts.store.write(
        lambda session: session.execute(update(REQUESTS).values(expires_at=REQUESTS.c.asked_at))
    ).result()
    said = await delegate.sends(view, code=delegate.digits())
    assert said["errors"] == {
        "code": "This code has expired: it works for 20 minutes. Close and ask for a new one."
    }


async def test_too_many_mails_are_said_under_the_address(delegate: Delegate) -> None:
    view = await delegate.opens()
    for _ in range(3):
        assert (await delegate.sends(view, email=delegate.email))["response_action"] == "update"
    said = await delegate.sends(view, email=delegate.email)
    assert said["errors"]["email"].startswith("No more than 3 e-mails an hour are sent to one address.")


async def test_a_modal_that_is_closed_sends_nothing(delegate: Delegate) -> None:
    view = await delegate.opens()
    await delegate.slack.ack("interactive", closed(view, {"email": delegate.email}, user=delegate.user))
    assert await delegate.told() == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_form_for_the_digits_fits_in_every_language(lang: str) -> None:
    sent = say("link/sent", edit=True, minutes=20, opens=False)
    said = Forms(wording()).in_place(Submitted("link", {"email": "x@y.example"}), (sent,), lang)
    assert said is not None
    assert said.form is not None
    assert list(problems(to_modal(said.form)["blocks"], 100)) == []
