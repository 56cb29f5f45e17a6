"""What `saphan doctor` finds, and what keeps an installation from serving in production."""

import os
import sys

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from adapters.cli.main import app
from adapters.doctor import examine, look_round, refuse_weak
from adapters.settings import Settings
from bot import schema
from bot.database import Store
from bot.errors import Refused

STRONG = SecretStr("9f2c4a7d1e8b6053a1c9d7e2f4b80652")
PRODUCTION = {
    "mode": "production",
    "secret_key": STRONG,
    "database_url": "postgresql://saphan:k3-Zw8_vNq0Rt-Lx@db.internal/saphan",
    "public_url": "https://forum.example",
}


def settings(**values):
    return Settings(_env_file=None, **values)


def found(**values):
    return {finding.name: finding.state for finding in examine(settings(**values))}


def test_nothing_set_is_fine_in_development():
    states = found()
    assert set(states.values()) <= {"default", "off"}
    refuse_weak(settings())


def test_a_strong_installation_serves_in_production():
    assert set(found(**PRODUCTION).values()) <= {"set", "off"}
    refuse_weak(settings(**PRODUCTION))


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("secret_key", None, "missing"),
        ("secret_key", SecretStr("a" * 40), "weak"),
        ("secret_key", SecretStr("please-change-me-please-change-me-now"), "weak"),
        ("secret_key_old", SecretStr("0" * 64), "weak"),
        ("public_url", "", "missing"),
        ("public_url", "http://forum.example", "weak"),
        ("public_url", "forum.example", "wrong"),
        ("database_url", "postgresql://saphan@db.internal/saphan", "weak"),
        ("database_url", "postgresql://saphan:saphan@db.internal/saphan", "weak"),
        ("as_of", "2022-09-13T10:42+07:00", "wrong"),
        ("telegram_token", SecretStr("1:made-up"), "wrong"),
        ("slack_bot_token", SecretStr("made-up"), "wrong"),
    ],
)
def test_what_is_missing_weak_or_wrong_is_found_and_nothing_serves(name, value, state):
    values = PRODUCTION | {name: value}
    full = f"SAPHAN_{name.upper()}"
    assert found(**values)[full] == state
    with pytest.raises(Refused, match=f"{full}: {state} - "):
        refuse_weak(settings(**values))


@pytest.mark.parametrize(
    ("secret", "state"), [(None, "missing"), ("not-long", "weak"), ("with spaces in it, and long", "wrong")]
)
def test_a_webhook_has_its_own_secret_in_production(secret, state):
    token = SecretStr("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw")
    webhook = {"telegram_token": token, "telegram_mode": "webhook"}
    if secret:
        webhook["telegram_webhook_secret"] = SecretStr(secret)
    assert found(**PRODUCTION, **webhook)["SAPHAN_TELEGRAM_WEBHOOK_SECRET"] == state


def test_slack_over_http_needs_its_signing_secret():
    token = SecretStr("xoxb-1")
    assert found(slack_bot_token=token)["SAPHAN_SLACK_SIGNING_SECRET"] == "missing"
    assert "SAPHAN_SLACK_SIGNING_SECRET" not in found(
        slack_bot_token=token, slack_app_token=SecretStr("xapp-1")
    )


@pytest.mark.parametrize(
    ("url", "production", "development"),
    [
        ("smtp://u:k3-Zw8_vNq0Rt@mail.example:25", "weak", "weak"),
        ("smtp://u:k3-Zw8_vNq0Rt@localhost:25", "set", "set"),
        ("smtp://mail.example:25", "weak", "set"),
        ("smtp://localhost:25", "set", "set"),
        ("smtp+starttls://u:k3-Zw8_vNq0Rt@mail.example:587", "set", "set"),
        ("smtps://u:k3-Zw8_vNq0Rt@mail.example:465", "set", "set"),
    ],
)
def test_letters_leave_by_an_encrypted_way(url, production, development):
    mail = {"smtp_url": SecretStr(url), "mail_from": "forum@forum.example"}
    assert found(**PRODUCTION, **mail)["SAPHAN_SMTP_URL"] == production
    assert found(**mail)["SAPHAN_SMTP_URL"] == development
    assert found(**mail)["SAPHAN_MAIL_FROM"] == "set"
    assert "k3-Zw8" not in "".join(map(str, examine(settings(**PRODUCTION, **mail))))


def test_who_is_let_in_is_named():
    named = found(allowed_hosts="forum.example", secretariat="telegram:1")
    assert (named["SAPHAN_ALLOWED_HOSTS"], named["SAPHAN_SECRETARIAT"]) == ("set", "set")
    assert (found()["SAPHAN_ALLOWED_HOSTS"], found()["SAPHAN_SECRETARIAT"]) == ("off", "off")


def test_no_secret_is_told():
    weak = PRODUCTION | {
        "secret_key": SecretStr("change-me-0123456789abcdefghijklmnop"),
        "database_url": "postgresql://saphan:hunter2@db.internal/saphan",
        "telegram_token": SecretStr("7:hunter3"),
        "slack_bot_token": SecretStr("hunter4"),
    }
    with pytest.raises(Refused) as refused:
        refuse_weak(settings(**weak))
    said = str(refused.value) + "".join(map(str, examine(settings(**weak))))
    assert "hunter" not in said
    assert "change-me" not in said


def test_looking_round_makes_nothing(tmp_path):
    file = tmp_path / "saphan.db"
    states = {one.name: one.state for one in look_round(settings(database_url=f"sqlite:///{file}"))}
    assert states["database"] == "off"
    assert not file.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_a_file_that_others_can_read_is_told_with_the_remedy(tmp_path):
    file = tmp_path / "the forum" / "saphan.db"
    file.parent.mkdir()
    here = settings(database_url=f"sqlite:///{file}")
    before = os.umask(0o022)
    try:
        store = Store(here.database_url)
        schema.upgrade(store)
        store.close()
    finally:
        os.umask(before)
    assert "database file" not in {one.name for one in look_round(here)}
    file.chmod(0o640)
    found = {one.name: str(one) for one in look_round(here)}
    assert found["database file"] == (
        f"database file: weak - other users of this machine can read it: chmod 600 '{file}'"
    )


def test_an_older_database_is_told_with_the_remedy(tmp_path):
    url = f"sqlite:///{tmp_path / 'saphan.db'}"
    store = Store(url)
    schema.upgrade(store)
    with store.connection() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    store.close()
    found = {one.name: one for one in look_round(settings(database_url=url))}
    assert (
        str(found["database"]) == "database: wrong - of an older version; take it forward: saphan db upgrade"
    )


def test_the_command_ends_with_1_when_something_is_to_be_mended(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAPHAN_DATABASE_URL", f"sqlite:///{tmp_path / 'saphan.db'}")
    well = CliRunner().invoke(app, ["doctor"])
    assert (well.exit_code, well.output.splitlines()[-1]) == (0, "Nothing is missing, weak or wrong.")
    monkeypatch.setenv("SAPHAN_MODE", "production")
    bad = CliRunner().invoke(app, ["doctor"])
    assert (bad.exit_code, bad.output.splitlines()[-1]) == (1, "To be mended: 2.")
