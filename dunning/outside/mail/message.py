"""Turns the content of a mail into the message that goes out: text and HTML, attachments, headers.

The same input gives the same bytes, so that a second attempt can never differ from the first.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr

from dunning.outside.mail.text import one_line, render_mail
from dunning.rules.letters.mails import MailContent
from dunning.rules.mail_address import wire_address
from dunning.rules.policy_tables import Creditor

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True)
class Attachment:
    """A PDF that goes with the mail, under the name the reader sees."""

    name: str
    pdf: bytes


def build_message(
    content: MailContent,
    *,
    creditor: Creditor,
    sender: str,
    recipient: str,
    reference: str,
    date: dt.datetime,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """The complete message to one recipient.

    `sender` is `MAIL_FROM`, with or without a display name (default: the creditor's name); answers go to the
    creditor. `reference` becomes the Message-ID `<reference@sender's domain>`, `date` is an aware instant.
    Raises BadAddress for a recipient that is none, ValueError for a bad reference or a date without zone.
    """
    rendered = render_mail(content, creditor)
    address = wire_address(recipient)
    message = EmailMessage(policy=SMTP if address.isascii() else SMTPUTF8)
    message["From"] = sender_address(sender, creditor)
    message["To"] = address
    message["Reply-To"] = Address(
        display_name=one_line(creditor.name), addr_spec=wire_address(creditor.email)
    )
    message["Subject"] = rendered.subject
    message["Date"] = date_header(date)
    message["Message-ID"] = message_id(reference, sender)
    message["Auto-Submitted"] = "auto-generated"
    # quoted-printable: seven bits everywhere, so that every server takes it
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    for attachment in attachments:
        add_pdf(message, attachment)
    fix_boundaries(message, reference)
    return message


def sender_address(sender: str, creditor: Creditor) -> Address:
    """`MAIL_FROM` as an address with a name."""
    name, address = parseaddr(sender)
    return Address(display_name=one_line(name or creditor.name), addr_spec=wire_address(address))


def message_id(reference: str, sender: str) -> str:
    """`<reference@domain>`; the reference is also the name of a file, so it is kept plain."""
    if not REFERENCE.fullmatch(reference):
        raise ValueError(f"not a mail reference: {reference!r}")
    domain = wire_address(parseaddr(sender)[1]).rpartition("@")[2]
    return f"<{reference}@{domain}>"


def date_header(date: dt.datetime) -> str:
    """The instant as RFC 5322 writes it."""
    if date.tzinfo is None:
        raise ValueError("the date of a mail needs a time zone")
    return format_datetime(date.replace(microsecond=0))


def add_pdf(message: EmailMessage, attachment: Attachment) -> None:
    message.add_attachment(
        attachment.pdf, maintype="application", subtype="pdf", filename=one_line(attachment.name)
    )


def fix_boundaries(message: EmailMessage, reference: str) -> None:
    """Boundaries from the reference; the standard library draws them at random."""
    parts = [part for part in message.walk() if part.is_multipart()]
    for number, part in enumerate(parts):
        digest = hashlib.sha256(f"{reference}/{number}".encode()).hexdigest()
        part.set_boundary(f"=_{digest[:32]}")
