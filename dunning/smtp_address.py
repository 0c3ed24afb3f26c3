"""The mail server's address: `SMTP_URL` taken apart and checked."""

import ipaddress
import socket
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

Security = Literal["none", "starttls", "tls"]
DEFAULT_PORTS: dict[Security, int] = {"none": 25, "starttls": 587, "tls": 465}


@dataclass(frozen=True)
class SmtpAddress:
    """Where and how to connect. `helo` is the name we greet with."""

    host: str
    port: int
    security: Security
    helo: str
    user: str = ""
    password: str = field(default="", repr=False)


def parse_smtp_url(url: str) -> SmtpAddress:
    """`smtp://user:pass@host:587?starttls=1` or `smtps://…`, with `helo=name` when ours is not the machine's.

    Raises ValueError with one line that never holds the password.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    security = choose_security(parts.scheme, options.pop("starttls", "0"))
    helo = options.pop("helo", "") or socket.gethostname()
    if options or parts.path not in ("", "/") or parts.fragment:
        raise ValueError("SMTP_URL: only starttls=1 and helo=name may follow the host")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    host, port = host_and_port(parts, DEFAULT_PORTS[security])
    if bool(user) != bool(password) or not (user + password).isascii():
        raise ValueError("SMTP_URL: needs both a user and a password, or neither, in ASCII")
    if password and security == "none" and not is_loopback(host):
        raise ValueError("SMTP_URL: a password needs smtps:// or starttls=1")
    return SmtpAddress(host, port, security, helo, user, password)


def choose_security(scheme: str, starttls: str) -> Security:
    if scheme == "smtps" and starttls == "0":
        return "tls"
    if scheme == "smtp" and starttls in ("0", "1"):
        return "starttls" if starttls == "1" else "none"
    raise ValueError("SMTP_URL: must be smtp://host:port, smtp://host:port?starttls=1 or smtps://host:port")


def host_and_port(parts: SplitResult, default_port: int) -> tuple[str, int]:
    try:
        port = parts.port
    except ValueError:
        raise ValueError("SMTP_URL: the port must be a number from 1 to 65535") from None
    if not parts.hostname or port == 0:
        raise ValueError("SMTP_URL: host or port is missing")
    return parts.hostname, port or default_port


def is_loopback(host: str) -> bool:
    """True for this machine itself, where a password crosses no network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
