"""Links and codes by which people show who they are, on both databases."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select
from sqlmodel import Session

from bot import links
from bot.database import Store
from bot.identity_commands import Asked, Proof
from bot.keys import Keys
from bot.links import Mailing, give_out, show_digits, show_token
from bot.messages import Address, Card, Field
from bot.store import LinkRequest, Participant

KEYS = Keys(b"the key of these tests")
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
CHAT, OTHER = Address("telegram", "1"), Address("telegram", "2")
EMAIL = "desk@ministry.example"
SECOND = timedelta(seconds=1)


def write(store: Store, work: Callable[..., Any], *args: Any, keys: Keys = KEYS, **named: Any) -> Any:
    return store.write(lambda session: work(session, keys, *args, **named)).result()


@pytest.fixture
def registered(store: Store) -> int:
    """Put a delegate on the registration list."""
    return on_the_list(store, "Delegate", EMAIL)


def on_the_list(store: Store, name: str, email: str | None) -> int:
    def keep(session: Session) -> int:
        row = Participant(
            name=name, email=email, country="KIR", role="delegate", confirmed=True, created_at=NOW
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id

    return store.write(keep).result()


def ask(store: Store, address: Address = CHAT, email: str = EMAIL, now: datetime = NOW) -> Mailing:
    asked, mailing = write(store, links.ask, None, address, email, now)
    assert asked.state == "sent"
    return mailing


def token_of(mailing: Mailing) -> str:
    return links.token_of(KEYS, mailing.seed)


def digits_of(mailing: Mailing) -> str:
    return links.digits_of(KEYS, mailing.seed)


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 10**6:06}"


def verdict(store: Store, show: Callable[..., Proof], secret: str, at: datetime, by: Address = CHAT) -> str:
    return str(write(store, show, by, secret, at).verdict)


@pytest.mark.parametrize("show", [show_digits, show_token])
def test_the_digits_or_the_token_say_who_it_is_and_work_once(
    store: Store, registered: int, show: Callable[..., Proof]
) -> None:
    secret = (digits_of if show is show_digits else token_of)(ask(store))
    proof = write(store, show, CHAT, secret, NOW + SECOND)
    assert proof.verdict == "right"
    assert [(one.id, one.name, one.country) for one in proof.people] == [(registered, "Delegate", "KIR")]
    write(store, lambda session, _: links.close(session, session.get_one(LinkRequest, proof.request), NOW))
    assert verdict(store, show, secret, NOW + SECOND) == "used"


@pytest.mark.parametrize("show", [show_digits, show_token])
def test_it_works_in_the_twentieth_minute_and_not_after_it(
    store: Store, registered: int, show: Callable[..., Proof]
) -> None:
    of = digits_of if show is show_digits else token_of
    assert verdict(store, show, of(ask(store)), NOW + links.VALID) == "expired"
    assert verdict(store, show, of(ask(store)), NOW + links.VALID - SECOND) == "right"


def test_another_chat_gains_nothing_and_uses_nothing_up(store: Store, registered: int) -> None:
    mailing = ask(store)
    for other in (OTHER, Address("slack", CHAT.user)):
        assert verdict(store, show_token, token_of(mailing), NOW, other) == "elsewhere"
        assert verdict(store, show_digits, digits_of(mailing), NOW, other) == "unknown"
    assert verdict(store, show_token, token_of(mailing), NOW) == "right"


def test_of_many_that_show_it_at_once_one_uses_it(store: Store, registered: int) -> None:
    token = links.printed_code()
    write(store, give_out, "code", registered, token, NOW, NOW + timedelta(hours=1))
    chats = [Address("telegram", str(number)) for number in range(12)]
    with ThreadPoolExecutor(12) as threads:
        verdicts = Counter(threads.map(lambda chat: verdict(store, show_token, token, NOW, chat), chats))
    assert verdicts == {"right": 1, "used": 11}


def test_five_wrong_digits_end_it(store: Store, registered: int) -> None:
    mailing = ask(store)
    proofs = [write(store, show_digits, CHAT, wrong(digits_of(mailing)), NOW) for _ in range(5)]
    assert [(proof.verdict, proof.left) for proof in proofs] == [
        ("wrong", 4),
        ("wrong", 3),
        ("wrong", 2),
        ("wrong", 1),
        ("ended", 0),
    ]
    assert verdict(store, show_digits, digits_of(mailing), NOW) == "ended"
    assert verdict(store, show_token, token_of(mailing), NOW) == "ended"


def test_what_was_asked_before_is_void(store: Store, registered: int) -> None:
    first, second = ask(store), ask(store, now=NOW + SECOND)
    assert verdict(store, show_token, token_of(first), NOW + 2 * SECOND) == "expired"
    assert verdict(store, show_digits, digits_of(first), NOW + 2 * SECOND) == "wrong"
    assert verdict(store, show_digits, digits_of(second), NOW + 2 * SECOND) == "right"


def test_whose_address_has_changed_cannot_use_the_old_mailbox(store: Store, registered: int) -> None:
    mailing = ask(store)

    def move(session: Session) -> None:
        session.get_one(Participant, registered).email = "new@ministry.example"

    store.write(move).result()
    assert verdict(store, show_token, token_of(mailing), NOW) == "unknown"
    assert verdict(store, show_digits, digits_of(mailing), NOW) == "wrong"


def test_an_address_that_is_not_registered_causes_the_same_rows(store: Store, registered: int) -> None:
    known, unknown = ask(store), ask(store, OTHER, "nobody@ministry.example")
    assert (known.to, unknown.to) == ((registered,), ())
    assert verdict(store, show_digits, digits_of(unknown), NOW, OTHER) == "wrong"
    assert verdict(store, show_token, token_of(unknown), NOW, OTHER) == "unknown"


def test_three_mails_an_hour_go_to_an_address_whoever_asks(store: Store) -> None:
    for number in range(3):
        ask(store, Address("telegram", str(number)), now=NOW + number * timedelta(minutes=5))
    later = NOW + timedelta(minutes=20)
    asked, mailing = write(store, links.ask, None, Address("web", "x"), EMAIL, later)
    assert (asked.state, asked.minutes, mailing) == ("address", 40, None)
    ask(store, CHAT, now=NOW + timedelta(hours=1))


def test_five_an_hour_are_asked_for_by_an_account(store: Store) -> None:
    for number in range(5):
        ask(store, CHAT, f"{number}@ministry.example")
    asked, _ = write(store, links.ask, None, CHAT, EMAIL, NOW + timedelta(minutes=59, seconds=30))
    assert (asked.state, asked.minutes) == ("account", 1)
    ask(store, OTHER)
    ask(store, CHAT, now=NOW + timedelta(hours=1))


def test_all_who_share_a_mailbox_are_offered_after_the_code(store: Store, registered: int) -> None:
    others = [on_the_list(store, name, email) for name, email in (("Adviser", EMAIL), ("B", "b@x.example"))]
    mailing = ask(store)
    proof = write(store, show_digits, CHAT, digits_of(mailing), NOW)
    assert [one.id for one in proof.people] == [others[0], registered]
    assert mailing.to == (registered, others[0])


def test_a_letter_works_once_for_whoever_opens_it_first(store: Store, registered: int) -> None:
    write(store, give_out, "letter", registered, "t" * 43, NOW, NOW + timedelta(days=30))
    later = NOW + timedelta(days=29)
    first = write(store, show_token, CHAT, "t" * 43, later)
    assert (first.verdict, [one.id for one in first.people]) == ("right", [registered])
    # Opened again before they said who they are, as a tap on START does.
    assert write(store, show_token, CHAT, "t" * 43, later + SECOND) == first
    assert verdict(store, show_token, "t" * 43, later, OTHER) == "used"


def test_nothing_that_opens_a_door_is_kept(store: Store, registered: int) -> None:
    mailing = ask(store)
    write(store, give_out, "code", registered, "ABCD-2345", NOW, NOW + timedelta(hours=1))
    secrets = (token_of(mailing), digits_of(mailing), "ABCD-2345", EMAIL, "nobody@ministry.example")
    with store.connection() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()  # noqa: S608
            kept = repr([row for row in rows if table != "participant"])
            assert [secret for secret in secrets if secret in kept] == [], table


def test_a_key_that_was_replaced_still_knows_what_it_made(store: Store, registered: int) -> None:
    mailing = ask(store)
    rotated = Keys(b"a new key", (KEYS.current,))
    assert write(store, show_digits, CHAT, digits_of(mailing), NOW, keys=rotated).verdict == "right"
    asked = [write(store, links.ask, None, OTHER, EMAIL, NOW, keys=rotated)[0].state for _ in range(3)]
    assert asked == ["sent", "sent", "address"]


def test_a_proof_is_of_the_account_that_showed_it_and_for_an_hour(store: Store, registered: int) -> None:
    proof = write(store, show_token, CHAT, token_of(ask(store)), NOW)

    def proven(address: Address, at: datetime) -> bool:
        return write(store, links.proven, proof.request, address, at) is not None

    assert [proven(CHAT, NOW), proven(OTHER, NOW), proven(CHAT, NOW + links.PAUSE)] == [True, False, False]


def test_secrets_stand_in_the_mail_only() -> None:
    card = Card(
        "link.7",
        "en",
        body="{digits 7.ff}",
        fields=(Field("Digits", "{digits 7.ff}"), Field("x", "{link 7.ff}")),
    )
    shown = links.revealed(card, KEYS, "https://forum.example/link/")
    digits = links.digits_of(KEYS, "7.ff")
    assert shown == replace(
        card,
        fields=(
            Field("Digits", f"{digits[:3]} {digits[3:]}"),
            Field("x", f"https://forum.example/link/{links.token_of(KEYS, '7.ff')}"),
        ),
    )


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("482917", {"digits": "482917"}),
        (" 482 917 ", {"digits": "482917"}),
        ("482-917", {"digits": "482917"}),
        ("４８２９１７", {"digits": "482917"}),
        ("٤٨٢٩١٧", {"digits": "482917"}),
        ("abcd-2345", {"token": "ABCD-2345"}),
        ("ABCD2345", {"token": "ABCD-2345"}),
        ("A" * 43, {"token": "A" * 43}),
        ("HB5N-YR2L", {"token": "HB5N-YR2L"}),
        ("hb5n-yr0u", {"token": "HB5N-YR0U"}),
        ("room b101", {}),
        ("ROOM 1204", {}),
        ("covid19a", {}),
        ("2022-2023", {}),
        ("48291", {}),
        ("database", {}),
        ("call 482917", {}),
    ],
)
def test_what_people_type_is_read_as_a_proof(typed: str, shown: dict[str, str]) -> None:
    assert links.proof_in(typed) == shown


def test_what_opens_a_door_is_hidden_where_it_is_kept() -> None:
    token = "q" * 43
    assert links.hidden("482 917") == "•••"
    assert links.hidden("HB5N-YR2L") == "•••"
    assert links.hidden(f"/start {token}") == "/start •••"
    assert (
        links.hidden(f"see https://forum.example/link/{token}, please")
        == "see https://forum.example/link/•••, please"
    )
    assert links.hidden("room 12 on 482917 Street") == "room 12 on 482917 Street"


def test_printed_codes_differ_and_can_be_read_back() -> None:
    codes = {links.printed_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(links.plain_code(code.lower().replace("-", " ")) == code for code in codes)


def test_the_times_are_the_machines(store: Store, registered: int) -> None:
    ask(store)
    kept = store.read(
        lambda session: session.execute(select(LinkRequest.asked_at, LinkRequest.expires_at)).one()
    )
    assert tuple(kept) == (NOW, NOW + links.VALID)


def test_deleting_oneself_does_not_let_ever_more_mails_leave(store: Store, registered: int) -> None:
    """What counts mails outlives whoever asked for them."""
    for _ in range(6):
        ask(store)
        write(store, lambda session, _: session.execute(links.REQUESTS.delete()))
    asked, mailing = write(store, links.ask, None, OTHER, EMAIL, NOW + SECOND)
    assert (asked, mailing) == (Asked("address", 60), None)
