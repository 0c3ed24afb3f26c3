"""The mail channel: build a message, choose the way it goes, send it with a proof.

A mail's life: `build_message(content, …)`, then `make_mailer(…).send(message, recipient, before_data)`,
which ends in a Receipt or in one of the errors of mail_outcome. Everything a job needs is reached from here.
"""

from pathlib import Path

from dunning.outside.mail.files import FileMailer
from dunning.outside.mail.message import Attachment, build_message, message_id
from dunning.outside.mail.outcome import (
    Mailer,
    MailError,
    MailInDoubt,
    MailNotStarted,
    MailRefused,
    Receipt,
    Superseded,
)
from dunning.outside.mail.smtp import SmtpMailer
from dunning.smtp_address import parse_smtp_url

__all__ = [
    "Attachment",
    "FileMailer",
    "MailError",
    "MailInDoubt",
    "MailNotStarted",
    "MailRefused",
    "Mailer",
    "Receipt",
    "SmtpMailer",
    "Superseded",
    "build_message",
    "make_mailer",
    "message_id",
    "parse_smtp_url",
]


def make_mailer(settings_smtp_url: str | None, home: Path) -> Mailer:
    """SMTP when configured, else files in `<home>/mail`; ValueError for an SMTP_URL that cannot be read."""
    if settings_smtp_url:
        return SmtpMailer(settings_smtp_url)
    return FileMailer(home / "mail")
