"""What is set, missing, weak or wrong in an installation; no secret is ever told."""

import re
import shlex
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from adapters.mail.server import Server
from adapters.settings import PREFIX, Settings, database_url
from bot import schema
from bot.database import Store
from bot.errors import Refused
from knowledge import store as packs
from matching.encoder import sentence_encoder

State = Literal["set", "on", "default", "off", "missing", "weak", "wrong"]
BAD: frozenset[State] = frozenset({"missing", "weak", "wrong"})
"""What keeps an installation from serving in production."""

TELEGRAM_TOKEN = re.compile(r"[0-9]{5,}:[A-Za-z0-9_-]{30,}")
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""What Telegram takes as the `secret_token` of a webhook: setWebhook in the Bot API."""
SHORTEST_SECRET = 16
LEAST_VARIETY = 8
"""Different characters of a secret that nobody typed in a hurry."""
PLACEHOLDER = re.compile(r"change|secret|password|example|12345|qwerty", re.IGNORECASE)
OWN_MACHINE = {None, "", "localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing stands; *why* says what is wrong with it and what would be right, empty where nothing is."""

    name: str
    state: State
    why: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.state}{f' - {self.why}' if self.why else ''}"


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Return how each setting stands that an installation can be weak by."""
    found = (*_core(settings), *_telegram(settings), *_slack(settings), *_mail(settings))
    return tuple(replace(finding, name=f"{PREFIX}{finding.name}") for finding in found)


def look_round(settings: Settings) -> Iterator[Finding]:
    """Yield how the database, what it knows and the sentence encoder stand; nothing is made or changed."""
    kept_at = database_url(settings)
    file = Path(make_url(kept_at).database or "")
    if _is_file(settings) and not file.exists():
        yield Finding("database", "off", "made at the first start")
    else:
        store = Store(kept_at)
        try:
            yield from _stored(store, settings.mode == "production")
        finally:
            store.close()
    if _is_file(settings) and (shared := _readable_by_others(file)):
        remedy = shlex.join(["chmod", "600", *map(str, shared)])
        yield Finding("database file", "weak", f"other users of this machine can read it: {remedy}")
    if sentence_encoder() is None:
        yield Finding("encoder", "off", "questions are matched by their letters and words, less well")
    else:
        yield Finding("encoder", "on")


def _readable_by_others(file: Path) -> list[Path]:
    """Return which of SQLite's *file* and those beside it somebody else may read; on Windows that is not told."""
    if sys.platform == "win32":
        return []
    parts = [file, *(file.with_name(file.name + part) for part in ("-wal", "-shm"))]
    return [part for part in parts if part.exists() and part.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]


def _stored(store: Store, production: bool) -> Iterator[Finding]:
    match schema.state(store):
        case "current":
            yield Finding("database", "set")
        case "empty":
            yield Finding("database", "off", "made at the first start")
            return
        case "older":
            yield Finding("database", "wrong", "of an older version; take it forward: saphan db upgrade")
            return
        case "newer":
            yield Finding("database", "wrong", "of a newer version than this program; install that version")
            return
    pack = store.read(packs.active)
    if pack is None:
        yield Finding("pack", "off", "loaded at the first start")
    elif pack.forum.sample_programme:
        why = "the sample, whose programme is made up; load the forum's own: saphan load FOLDER"
        yield Finding("pack", "wrong" if production else "default", why)
    else:
        yield Finding("pack", "set")


def refuse_weak(settings: Settings) -> None:
    """Raise Refused in production unless every secret is there and strong."""
    if settings.mode != "production":
        return
    bad = [str(finding) for finding in examine(settings) if finding.state in BAD]
    if bad:
        raise Refused("\n".join(("in production every secret must be set and strong:", *bad)))


def _core(settings: Settings) -> Iterator[Finding]:
    production = settings.mode == "production"
    yield Finding("MODE", "set" if production else "default", "" if production else "development")
    if settings.secret_key is None and not production and _is_file(settings):
        yield Finding("SECRET_KEY", "default", "made at the first start, kept beside the database")
    else:
        yield _secret("SECRET_KEY", settings.secret_key, needed=True)
    yield _secret("SECRET_KEY_OLD", settings.secret_key_old)
    yield _database(settings)
    yield _public_url(settings)
    if settings.allowed_hosts:
        yield Finding("ALLOWED_HOSTS", "set")
    else:
        yield Finding("ALLOWED_HOSTS", "off", "the public URL's host" if production else "any host")
    if settings.secretariat:
        yield Finding("SECRETARIAT", "set")
    else:
        yield Finding("SECRETARIAT", "off", "officers are those whom the registration list or an admin names")
    if production and settings.as_of is not None:
        yield Finding("AS_OF", "wrong", "a rehearsal clock tells delegates another time; take it out")
    else:
        yield Finding("AS_OF", "off" if settings.as_of is None else "set")


def _is_file(settings: Settings) -> bool:
    """Tell whether the data is kept in a file of SQLite's."""
    return not settings.database_url or make_url(settings.database_url).get_backend_name() == "sqlite"


def _database(settings: Settings) -> Finding:
    if not settings.database_url:
        return Finding("DATABASE_URL", "default", "a file in the user's data folder")
    url = make_url(settings.database_url)
    if not _is_file(settings) and url.host not in OWN_MACHINE:
        if not url.password:
            return Finding(
                "DATABASE_URL", "weak", "another machine's database without a password; give it one"
            )
        if why := _weakness(str(url.password)):
            return Finding("DATABASE_URL", "weak", f"its password {why}")
    return Finding("DATABASE_URL", "set")


def _public_url(settings: Settings) -> Finding:
    parts = urlsplit(settings.public_url)
    if not settings.public_url:
        needed = settings.mode == "production"
        return Finding(
            "PUBLIC_URL", "missing" if needed else "off", "https://forum.example" if needed else ""
        )
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return Finding("PUBLIC_URL", "wrong", "give a whole address: https://forum.example")
    if parts.scheme == "http" and parts.hostname not in OWN_MACHINE:
        return Finding("PUBLIC_URL", "weak", "what people write can be read on the way; use https://")
    return Finding("PUBLIC_URL", "set")


def _telegram(settings: Settings) -> Iterator[Finding]:
    token = settings.telegram_token
    if token is None:
        yield Finding("TELEGRAM_TOKEN", "off")
        return
    fits = TELEGRAM_TOKEN.fullmatch(token.get_secret_value())
    yield Finding(
        "TELEGRAM_TOKEN",
        "set" if fits else "wrong",
        "" if fits else "BotFather gives one like 110201543:AAH…",
    )
    if settings.telegram_mode == "webhook":
        secret = settings.telegram_webhook_secret
        if secret is not None and not WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
            yield Finding("TELEGRAM_WEBHOOK_SECRET", "wrong", "Telegram takes 1-256 of A-Z a-z 0-9 _ -")
        else:
            yield _secret("TELEGRAM_WEBHOOK_SECRET", secret, needed=settings.mode == "production")


def _slack(settings: Settings) -> Iterator[Finding]:
    token = settings.slack_bot_token
    if token is None:
        yield Finding("SLACK_BOT_TOKEN", "off")
        return
    fits = token.get_secret_value().startswith("xoxb-")
    yield Finding(
        "SLACK_BOT_TOKEN", "set" if fits else "wrong", "" if fits else "a bot's token begins with xoxb-"
    )
    if settings.slack_app_token is None:
        yield _secret("SLACK_SIGNING_SECRET", settings.slack_signing_secret, needed=True)
    else:
        fits = settings.slack_app_token.get_secret_value().startswith("xapp-")
        yield Finding(
            "SLACK_APP_TOKEN", "set" if fits else "wrong", "" if fits else "an app's token begins with xapp-"
        )


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.smtp_url is None:
        yield Finding("SMTP_URL", "off", "no letters with links are sent")
        return
    server = Server.read(settings.smtp_url.get_secret_value())
    safer = "use smtp+starttls:// or smtps://"
    if server.way != "smtp" or server.host in OWN_MACHINE:
        yield Finding("SMTP_URL", "set")
    elif server.password is not None:
        yield Finding("SMTP_URL", "weak", f"the password can be read on the way; {safer}")
    elif settings.mode == "production":
        yield Finding("SMTP_URL", "weak", f"links to log in can be read on the way; {safer}")
    else:
        yield Finding("SMTP_URL", "set")
    yield Finding("MAIL_FROM", "set")


def _secret(name: str, value: SecretStr | None, *, needed: bool = False) -> Finding:
    if value is None:
        return (
            Finding(name, "missing", "make one with: openssl rand -hex 32")
            if needed
            else Finding(name, "off")
        )
    why = _weakness(value.get_secret_value())
    return Finding(name, "weak", why) if why else Finding(name, "set")


def _weakness(secret: str) -> str:
    """Return why *secret* could be guessed, empty when it could not."""
    if len(secret) < SHORTEST_SECRET:
        return f"has under {SHORTEST_SECRET} characters; make one with: openssl rand -hex 32"
    if len(set(secret)) < LEAST_VARIETY or PLACEHOLDER.search(secret):
        return "looks like one that somebody made up; make one with: openssl rand -hex 32"
    return ""
