"""Somebody who tries links and codes that are nobody's."""

from datetime import timedelta

from structlog.testing import capture_logs

from bot.database import Store
from bot.limits import GUESSES, GUESSES_OF_ALL
from bot.links import ALPHABET
from bot.markup import plain
from tests.bot.ledgers import NOW, rows
from tests.transcript import Stage, Watch

OFFICER = "officer"


def code(number: int) -> str:
    """Return a printed code that was given to nobody."""
    return "".join(ALPHABET[number // 30**place % 30] for place in range(4)) + "-2222"


async def said(stage: Stage, name: str, words: str) -> str:
    return "\n".join(await stage.hear(name, words))


async def test_after_ten_wrong_codes_even_the_right_digits_wait(store: Store) -> None:
    stage = Stage(store, Watch(NOW))
    stage.register("director", "delegate", "KIR", "en", email="director@ministry.example")
    mail = await said(stage, "me", "/link director@ministry.example")
    digits = mail.partition("Digits: ")[2].partition("\n")[0]
    for number in range(GUESSES.most):
        assert "I do not know this link or code" in await said(stage, "me", code(number))
    assert "The next can be tried in 60 min." in await said(stage, "me", digits)
    assert "The next can be tried" in await said(stage, "me", code(99))
    stage.watch.now += timedelta(hours=1)
    assert "The next can be tried" not in await said(stage, "me", digits)


async def test_wrong_digits_count_over_all_requests_of_an_account(store: Store) -> None:
    stage = Stage(store, Watch(NOW))
    for request in range(2):
        await said(stage, "me", f"/link nobody{request}@ministry.example")
        for _ in range(5):
            await said(stage, "me", "000000")
    await said(stage, "me", "/link nobody3@ministry.example")
    assert "The next can be tried" in await said(stage, "me", "000000")


async def test_the_secretariat_is_told_once_when_many_accounts_guess(store: Store) -> None:
    stage = Stage(store, Watch(NOW))
    stage.register(OFFICER, "secretariat", None, "en")
    with capture_logs() as logs:
        for number in range(GUESSES_OF_ALL.most + 5):
            await said(stage, f"guest{number // 5}", code(number))
    told = [plain((row.card or {})["body"]) for row in rows(store) if row.user == OFFICER]
    assert [words[:37] for words in told] == ["Within an hour 50 links or codes were"]
    assert [entry for entry in logs if entry["event"] == "many_guesses"] == [
        {"event": "many_guesses", "count": 50, "log_level": "warning"}
    ]
