"""Settings of one process: read once from the environment, checked, frozen.

Every variable may also be given as NAME_FILE, the path of a file that holds the value. What is wrong stops
the start with one line that names the variable.
"""

import datetime as dt
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from dunning.rules.policy import Policy, PolicyError, load_policy
from dunning.smtp_address import is_loopback, parse_smtp_url

DEVELOPMENT, PRODUCTION = "development", "production"
SECRET_BYTES = 32
HTTP = ("http", "https")
REDIS = ("redis", "rediss", "unix")
# these may do without a host
PLACES = (*REDIS, "file")


class SettingsError(ValueError):
    """A variable is missing or malformed; the message is one line that begins with its name."""


@dataclass(frozen=True)
class Settings:
    """What this process runs with. `None` means: the embedded default takes the place of the service."""

    home: Path
    environment: str
    secret_key: str
    database_url: str
    redis_url: str
    redis_embedded: bool
    smtp_url: str | None
    storage_url: str
    partner_url: str | None
    partner_token: str | None
    partner_webhook_secret: str | None
    partner_webhook_secret_old: str | None
    partner_contact: str | None
    bounce_secret: str | None
    host: str
    port: int
    public_url: str
    trusted_proxies: int
    mail_from: str
    timezone: ZoneInfo
    policy: Policy

    def local_day(self, instant: dt.datetime) -> dt.date:
        """The local day of an instant: legal days and what people call today."""
        return instant.astimezone(self.timezone).date()

    @property
    def production(self) -> bool:
        """True when real buyers are written to."""
        return self.environment == PRODUCTION

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Reads and checks everything; makes <home> and, where needed, its secret. Raises SettingsError."""
        variables = Variables(environ)
        if read_environment_name(variables) == PRODUCTION:
            refuse_embedded(variables)
        policy = read_policy(variables)
        home = make_home(variables)
        host = variables.get("HOST", "127.0.0.1")
        port = variables.number("PORT", 8000, 1, 65535)
        return cls(
            home=home,
            environment=read_environment_name(variables),
            secret_key=variables.get("SECRET_KEY") or keep_secret(home / "secret"),
            database_url=read_database_url(variables, home),
            redis_url=variables.url("REDIS_URL", REDIS, options=True) or f"unix://{home / 'redis.sock'}",
            redis_embedded=not variables.get("REDIS_URL"),
            smtp_url=read_smtp_url(variables),
            storage_url=variables.url("STORAGE_URL", ("file", "s3")) or f"file://{home / 'letters'}",
            partner_url=variables.url("PARTNER_URL", (*HTTP, "file"), encrypted=True),
            partner_token=variables.get("PARTNER_TOKEN") or None,
            partner_webhook_secret=variables.get("PARTNER_WEBHOOK_SECRET") or None,
            partner_webhook_secret_old=variables.get("PARTNER_WEBHOOK_SECRET_OLD") or None,
            partner_contact=variables.mailbox("PARTNER_CONTACT"),
            bounce_secret=variables.get("BOUNCE_SECRET") or None,
            host=host,
            port=port,
            public_url=read_public_url(variables, f"http://{host}:{port}"),
            trusted_proxies=variables.number("TRUSTED_PROXIES", 0, 0, 5),
            mail_from=variables.mailbox("MAIL_FROM") or policy.creditor.email,
            timezone=read_timezone(variables),
            policy=policy,
        )


@dataclass(frozen=True)
class Variables:
    """The environment, with NAME_FILE in place of NAME where that is given."""

    environ: Mapping[str, str]

    def get(self, name: str, default: str = "") -> str:
        """The value without surrounding blanks; empty counts as not given."""
        path = self.environ.get(f"{name}_FILE")
        if not path:
            return self.environ.get(name, "").strip() or default
        if self.environ.get(name):
            raise SettingsError(f"{name}: given twice, as {name} and as {name}_FILE")
        try:
            return Path(path).read_text(encoding="utf-8").strip() or default
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name}_FILE: cannot read {path} ({type(error).__name__})") from error

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number between `least` and `most`."""
        text = self.get(name, str(default))
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise SettingsError(f"{name}: must be a whole number from {least} to {most}")
        return int(text)

    def url(
        self, name: str, schemes: tuple[str, ...], *, options: bool = False, encrypted: bool = False
    ) -> str | None:
        """A URL of one of the schemes, None when not given. Errors do not repeat it: it may be secret.

        `options`: a query may follow. `encrypted`: what leaves this machine by HTTP does so by HTTPS.
        """
        text = self.get(name)
        if not text:
            return None
        try:
            parts = urlsplit(text)
            understood = (
                parts.scheme in schemes and parts.port != 0 and text.isprintable() and " " not in text
            )
        except ValueError:
            understood = False
        if not understood or not (parts.hostname or parts.scheme in PLACES):
            beginnings = ", ".join(f"{scheme}://" for scheme in schemes)
            raise SettingsError(f"{name}: must be a URL that begins with {beginnings}")
        if (parts.query and not options) or parts.fragment:
            raise SettingsError(f"{name}: nothing may follow the path, no ? and no #")
        if parts.scheme == "file" and not is_folder(parts):
            raise SettingsError(f"{name}: needs the absolute path of a folder, as in file:///srv/folder")
        if encrypted and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise SettingsError(f"{name}: must begin with https://; http:// is for this machine only")
        return text

    def mailbox(self, name: str) -> str | None:
        """One e-mail address; None when not given."""
        text = self.get(name)
        local, _, domain = text.rpartition("@")
        if text and (not local or "." not in domain or any(c.isspace() or c in "<>,;" for c in text)):
            raise SettingsError(f"{name}: must be one e-mail address")
        return text or None


def read_environment_name(variables: Variables) -> str:
    """`development` unless DUNNING_ENV says `production`."""
    name = variables.get("DUNNING_ENV", DEVELOPMENT)
    if name not in (DEVELOPMENT, PRODUCTION):
        raise SettingsError(f"DUNNING_ENV: must be {DEVELOPMENT} or {PRODUCTION}, not {name!r}")
    return name


def refuse_embedded(variables: Variables) -> None:
    """Production runs on nothing embedded: one line names every variable that is missing."""
    names = ["DATABASE_URL", "REDIS_URL", "SMTP_URL", "STORAGE_URL", "PARTNER_URL", "SECRET_KEY"]
    if not variables.get("PARTNER_URL").startswith("file:"):
        names += ["PARTNER_TOKEN", "PARTNER_WEBHOOK_SECRET"]
    missing = [name for name in names if not variables.get(name)]
    policy = read_policy(variables)
    demo = [name for name in ("creditor", "partner") if getattr(policy, name).is_demo]
    if demo:
        tables = " and ".join(f"[{name}]" for name in demo)
        missing.append(f"DUNNING_POLICY ({tables}: that is the demonstration)")
    if missing:
        raise SettingsError(f"{', '.join(missing)}: required when DUNNING_ENV=production")
    if len(variables.get("SECRET_KEY").encode()) < SECRET_BYTES:
        raise SettingsError(f"SECRET_KEY: needs at least {SECRET_BYTES} bytes in production")


def is_folder(parts: SplitResult) -> bool:
    """Whether a file:// URL names a folder of this machine, and not all of it."""
    return parts.netloc in ("", "localhost") and parts.path.startswith("/") and bool(parts.path.strip("/"))


def read_smtp_url(variables: Variables) -> str | None:
    """As the mailer will read it."""
    url = variables.url("SMTP_URL", ("smtp", "smtps"), options=True)
    try:
        if url:
            parse_smtp_url(url)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    return url


def read_public_url(variables: Variables, own: str) -> str:
    """Where people reach us; in production links in mails lead to an encrypted page."""
    production = read_environment_name(variables) == PRODUCTION
    return (variables.url("PUBLIC_URL", HTTP, encrypted=production) or own).rstrip("/")


def read_policy(variables: Variables) -> Policy:
    """The built-in policy, overridden by the TOML file that DUNNING_POLICY names."""
    path = variables.get("DUNNING_POLICY")
    try:
        return load_policy(Path(path).read_text(encoding="utf-8") if path else None)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"DUNNING_POLICY: cannot read {path} ({type(error).__name__})") from error
    except PolicyError as error:
        raise SettingsError(f"DUNNING_POLICY: {error}") from error


def make_home(variables: Variables) -> Path:
    """DUNNING_HOME as an absolute path; the folder exists afterwards, closed to other people."""
    home = Path(variables.get("DUNNING_HOME", "var")).expanduser().resolve()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"DUNNING_HOME: cannot make {home} ({error.strerror})") from error
    return home


def keep_secret(file: Path) -> str:
    """The secret in `file`, made on the first start. Of several processes starting at once one wins."""
    if not file.exists():
        handle, draft = tempfile.mkstemp(dir=file.parent)  # mode 0600
        with os.fdopen(handle, "w", encoding="ascii") as writer:
            writer.write(secrets.token_hex(SECRET_BYTES))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return file.read_text(encoding="ascii").strip()


def read_database_url(variables: Variables, home: Path) -> str:
    """SQLite or PostgreSQL. A relative SQLite path counts from the working directory."""
    text = variables.get("DATABASE_URL", f"sqlite:///{home / 'dunning.db'}")
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = make_url("unreadable://")
    if url.drivername == "postgresql+psycopg":
        return text
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or not url.database or url.database == ":memory:":
        raise SettingsError("DATABASE_URL: must begin with sqlite:/// (a file) or postgresql+psycopg://")
    return url.set(database=str(Path(url.database).resolve())).render_as_string(hide_password=False)


def read_timezone(variables: Variables) -> ZoneInfo:
    """The zone in which days begin and end."""
    name = variables.get("DUNNING_TIMEZONE", "Europe/Berlin")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"DUNNING_TIMEZONE: unknown time zone {name!r}") from error
