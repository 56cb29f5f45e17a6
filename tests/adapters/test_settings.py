from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from adapters.settings import PREFIX, Settings, read_keys, read_settings
from bot.errors import Refused
from bot.keys import Keys

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


DATABASES = "name a file or a PostgreSQL database: sqlite:///path/to/saphan.db, postgresql://user:password@host/database"

ACCOUNTS = "give telegram:12345, slack:U0123 or an e-mail address, with commas between"
LONGER = "give at least 32 characters; make one with: openssl rand -hex 32"
SERVERS = "write smtp+starttls://user:password@host:587, smtps://user:password@host:465 or smtp://host:25"
NOBODY = (
    ("telegrm:9, 12345", "“telegrm:9”, “12345”"),
    ("telegram:@desk, desk@forum.example", "“telegram:@desk”"),
    ("slack:", "“slack:”"),
)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)


def test_every_setting_is_documented_and_nothing_else_is():
    documented = {
        line.split("`")[1] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")
    }
    assert documented == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_nothing_has_to_be_set():
    assert read_settings().secretariat == ()


def test_the_secretariats_accounts_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("SAPHAN_SECRETARIAT", "telegram:12345, slack:U1 , desk@forum.example,web:0a-_9")
    accounts = ("telegram:12345", "slack:U1", "desk@forum.example", "web:0a-_9")
    assert read_settings().secretariat == accounts


def test_an_e_mail_address_of_the_secretariat_is_read_as_the_registration_list_has_it(monkeypatch):
    monkeypatch.setenv("SAPHAN_SECRETARIAT", "Desk@Forum.Example,slack:U1")
    assert read_settings().secretariat == ("desk@forum.example", "slack:U1")


def test_a_file_named_env_is_read_too(tmp_path):
    (tmp_path / ".env").write_text("SAPHAN_TELEGRAM_RATE=5\n", "utf-8")
    assert read_settings().telegram_rate == 5


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("AS_OF", "2022-09-13T10:42", "give the time zone too, for example 2022-09-13T10:42+07:00"),
        *(("DATABASE_URL", value, DATABASES) for value in ("mysql://x/y", "postgresql://host", "saphan.db")),
        ("DATABASE_URL", "postgresql://u:secret@host:port/forum", DATABASES),
        ("TELEGRAM_RATE", "0", "give the number of messages, more than 0"),
        ("TELEGRAM_GROUP_RATE", "0", "give the number of messages, more than 0"),
        ("APPROVAL_ABOVE", "-1", "give the recipients above which a second officer approves, 0 or more"),
        *(("SECRETARIAT", value, f"{named}: {ACCOUNTS}") for value, named in NOBODY),
        *((name, value, LONGER) for name in ("SECRET_KEY", "SECRET_KEY_OLD") for value in ("", "short")),
        ("SECRET_KEY_OLD", f"{'k' * 32},short", LONGER),
        ("SMTP_URL", "mail.example", SERVERS),
        ("QUIET_HOURS", "at night", "give quiet hours like 22:00-07:00"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(monkeypatch, name, value, right):
    monkeypatch.setenv(f"SAPHAN_{name}", value)
    with pytest.raises(Refused) as refusal:
        read_settings()
    assert str(refusal.value) == f"SAPHAN_{name}: {right}"


def test_all_wrong_settings_are_named_in_one_run(monkeypatch):
    monkeypatch.setenv("SAPHAN_TELEGRAM_RATE", "-1")
    monkeypatch.setenv("SAPHAN_SLACK_RATE", "-1")
    with pytest.raises(Refused) as refusal:
        read_settings()
    assert len(str(refusal.value).splitlines()) == 2


def test_a_secret_is_never_printed(monkeypatch):
    monkeypatch.setenv("SAPHAN_TELEGRAM_TOKEN", "1:very-secret")
    monkeypatch.setenv("SAPHAN_DATABASE_URL", "postgresql://saphan:very-secret@host/forum")
    monkeypatch.setenv("SAPHAN_SECRET_KEY", "very-secret" * 3)
    assert "very-secret" not in repr(read_settings())


KEY, OLD, OLDER = "k" * 32, "o" * 32, "p" * 40
POSTGRESQL = make_url("postgresql://host/forum")


def keys_on(folder):
    return read_keys(read_settings(), make_url(f"sqlite:///{folder / 'saphan.db'}"))


def test_the_secret_key_and_those_before_it_are_read(monkeypatch, tmp_path):
    monkeypatch.setenv("SAPHAN_SECRET_KEY", KEY)
    monkeypatch.setenv("SAPHAN_SECRET_KEY_OLD", f"{OLD}, {OLDER}")
    assert keys_on(tmp_path) == Keys(KEY.encode(), (OLD.encode(), OLDER.encode()))
    assert list(tmp_path.iterdir()) == []


def test_a_first_start_makes_a_key_that_only_its_owner_reads(tmp_path):
    first = keys_on(tmp_path)
    (file,) = tmp_path.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("secret.key", 0o600)
    assert len(first.current) == 64
    assert keys_on(tmp_path) == first


def test_two_installations_do_not_share_a_key(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert keys_on(tmp_path / "a") != keys_on(tmp_path / "b")


@pytest.mark.parametrize(
    ("mode", "database", "where"),
    [
        ("development", POSTGRESQL, "on PostgreSQL"),
        ("production", POSTGRESQL, "in production"),
        ("production", make_url("sqlite:///saphan.db"), "in production"),
    ],
)
def test_a_key_that_must_be_set_is_asked_for(monkeypatch, tmp_path, mode, database, where):
    monkeypatch.setenv("SAPHAN_MODE", mode)
    with pytest.raises(Refused) as refusal:
        read_keys(read_settings(), database)
    asked = f"SAPHAN_SECRET_KEY must be set {where}; make one with: openssl rand -hex 32"
    assert str(refusal.value) == asked
    assert list(tmp_path.iterdir()) == []


def test_e_mail_needs_a_server_and_an_address(monkeypatch):
    both = "SAPHAN_MAIL_FROM: set both SAPHAN_SMTP_URL and SAPHAN_MAIL_FROM, or neither"
    for name, value in (("SMTP_URL", "smtp://mail.example"), ("MAIL_FROM", "forum@host.example")):
        with monkeypatch.context() as patch:
            patch.setenv(f"SAPHAN_{name}", value)
            with pytest.raises(Refused) as refusal:
                read_settings()
            assert str(refusal.value) == both
    monkeypatch.setenv("SAPHAN_SMTP_URL", "smtps://u:very-secret@mail.example")
    monkeypatch.setenv("SAPHAN_MAIL_FROM", "Forum <forum@host.example>")
    assert "very-secret" not in repr(read_settings())
    monkeypatch.setenv("SAPHAN_MAIL_FROM", "forum")
    with pytest.raises(Refused, match=r"SAPHAN_MAIL_FROM: write an e-mail address like name@forum\.example"):
        read_settings()
