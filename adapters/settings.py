"""The settings of an installation: the only place that reads the environment."""

import os
import re
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from adapters.mail.server import Server, to_address
from bot.broadcasts import CHANNELS, Quiet, Rules
from bot.errors import Refused
from bot.keys import Keys

PREFIX = "SAPHAN_"
RATES = ("telegram_rate", "telegram_chat_rate", "telegram_group_rate", "slack_rate", "slack_channel_rate")
POSTGRESQL = ("postgresql", "postgresql+psycopg")

KEY_FILE = "secret.key"
"""The file beside SQLite's that keeps the secret key of an installation which was given none."""
SHORTEST_KEY = 32
"""Characters of a secret key; as many hexadecimal digits are 128 bits."""

ACCOUNT = re.compile(rf"telegram:[0-9]+|(?:{'|'.join(CHANNELS[1:])}):[^\s@]+|[^\s:@]+@[^\s:@]+")
"""Who can be named as of the secretariat: a channel with its own id of the account, or an e-mail address."""


class Settings(BaseSettings):
    """
    What the environment or a `.env` file sets, every name with the prefix `SAPHAN_`.

    Nothing set at all is fine: a SQLite file in the user's data folder, the sample pack, the browser chat.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    mode: Literal["development", "production"] = "development"
    secret_key: SecretStr | None = None
    secret_key_old: SecretStr | None = None
    database_url: str = Field(default="", repr=False)  # it may hold a password
    forum_pack: Path | None = None
    as_of: datetime | None = None
    public_url: str = ""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    secretariat: Annotated[tuple[str, ...], NoDecode] = ()
    approval_above: int = 200
    quiet_hours: str = "22:00-07:00"

    telegram_token: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr | None = None
    telegram_rate: float = 30.0
    telegram_chat_rate: float = 1.0
    telegram_group_rate: float = 20.0

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    slack_rate: float = 20.0
    slack_channel_rate: float = 1.0

    smtp_url: SecretStr | None = None
    mail_from: str = Field(default="", validate_default=True)

    log_format: Literal["console", "json"] = "console"

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        """Read the comma-separated hosts."""
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("secretariat", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Read the comma-separated accounts; an e-mail address as the registration list keeps it, in small letters."""
        if isinstance(value, str):
            parts = (part.strip() for part in value.split(",") if part.strip())
            return tuple(part.casefold() if "@" in part else part for part in parts)
        return value

    @field_validator("secretariat")
    @classmethod
    def _accounts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what names nobody: neither an account on a channel nor an e-mail address."""
        wrong = ", ".join(f"“{entry}”" for entry in value if not ACCOUNT.fullmatch(entry))
        if wrong:
            right = "give telegram:12345, slack:U0123 or an e-mail address, with commas between"
            raise ValueError(f"{wrong}: {right}")
        return value

    @field_validator("approval_above")
    @classmethod
    def _not_negative(cls, value: int) -> int:
        """Refuse a number of recipients that there cannot be."""
        if value < 0:
            raise ValueError("give the recipients above which a second officer approves, 0 or more")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        """Refuse hours that cannot be read."""
        Quiet.read(value)
        return value

    @property
    def rules(self) -> Rules:
        """Return what is settled about announcements."""
        return Rules(self.approval_above, Quiet.read(self.quiet_hours))

    @field_validator("secret_key", "secret_key_old")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse keys that could be guessed; the key itself stays untold."""
        if value is not None and min(map(len, _separate(value)), default=0) < SHORTEST_KEY:
            raise ValueError(f"give at least {SHORTEST_KEY} characters; make one with: openssl rand -hex 32")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what names no mail server; the password in it stays untold."""
        if value is not None:
            Server.read(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _mail_address(cls, value: str, info: ValidationInfo) -> str:
        """Refuse what is no e-mail address, and one of the two settings without the other."""
        if value:
            to_address(value)
        if (info.data.get("smtp_url") is None) == bool(value):
            raise ValueError(f"set both {PREFIX}SMTP_URL and {PREFIX}MAIL_FROM, or neither")
        return value

    @field_validator("as_of")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        """Refuse a moment without its distance from UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("give the time zone too, for example 2022-09-13T10:42+07:00")
        return value

    @field_validator("database_url")
    @classmethod
    def _known(cls, value: str) -> str:
        """Refuse a database of another kind, and a URL that names none; its password stays untold."""
        if value.startswith("sqlite:///") or not value:
            return value
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):
            url = None
        if url is None or url.drivername not in POSTGRESQL or not url.database:
            raise ValueError(
                "name a file or a PostgreSQL database: sqlite:///path/to/saphan.db,"
                " postgresql://user:password@host/database"
            )
        return value

    @field_validator(*RATES)
    @classmethod
    def _positive(cls, value: float) -> float:
        """Refuse a pace at which nothing would ever leave."""
        if value <= 0:
            raise ValueError("give the number of messages, more than 0")
        return value


def read_settings() -> Settings:
    """Return the settings; raise Refused naming every one that is wrong and what would be right."""
    try:
        return Settings()
    except ValidationError as exc:
        lines = [
            f"{PREFIX}{'_'.join(str(part) for part in error['loc']).upper()}: "
            f"{error['msg'].removeprefix('Value error, ')}"
            for error in exc.errors(include_input=False)
        ]
        raise Refused("\n".join(lines)) from None
    except UnicodeEncodeError:
        raise Refused("a setting holds bytes that are not UTF-8; type it anew") from None


def database_url(settings: Settings) -> str:
    """Return where the data is kept; the folder of the default file is made when it is missing."""
    if settings.database_url:
        return settings.database_url
    folder = user_data_path("saphan", appauthor=False, ensure_exists=True)
    return f"sqlite:///{folder / 'saphan.db'}"


def read_keys(settings: Settings, database: URL) -> Keys:
    """
    Return the secret keys of the installation.

    In development one is made at the first start and kept beside SQLite's file. Raises Refused where none is set and
    none may be made up.
    """
    old = _separate(settings.secret_key_old)
    if settings.secret_key is not None:
        return Keys(settings.secret_key.get_secret_value().encode(), old)
    if settings.mode == "production" or database.get_backend_name() != "sqlite":
        where = "in production" if settings.mode == "production" else "on PostgreSQL"
        raise Refused(f"{PREFIX}SECRET_KEY must be set {where}; make one with: openssl rand -hex 32")
    return Keys(_own_key(database.database), old)


def _separate(value: SecretStr | None) -> tuple[bytes, ...]:
    """Return the keys in *value*, with commas between them."""
    named = value.get_secret_value().split(",") if value is not None else ()
    return tuple(key.strip().encode() for key in named if key.strip())


def _own_key(database: str | None) -> bytes:
    """Return the key that is kept beside the file *database*, made now where there is none yet."""
    if database is None or database == ":memory:":
        return secrets.token_bytes(32)
    file = Path(database).with_name(KEY_FILE)
    if not file.exists():
        # Written aside and then named: of two programs that start at once, neither reads half a key.
        aside = file.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(aside, file)
        aside.unlink()
    return file.read_text("ascii").strip().encode()
