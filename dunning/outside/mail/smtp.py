"""Mails over SMTP, one connection each, with the phase known at every moment.

The standard library's exceptions do not tell "not sent" from "maybe sent": a server that is silent before
its banner and one that drops the line after the final dot raise the same. So each phase is a step of its own.
"""

import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from dunning.outside.mail.outcome import (
    MailError,
    MailInDoubt,
    MailNotStarted,
    MailRefused,
    Phase,
    Receipt,
    Superseded,
)
from dunning.outside.mail.wire import WireMessage, read_message
from dunning.rules.mail_address import wire_address
from dunning.smtp_address import SmtpAddress, parse_smtp_url

# RFC 5321 4.5.3.2 allows servers minutes; the last reply is worth waiting for: without it we are in doubt
REPLY_SECONDS = 30.0
FINAL_REPLY_SECONDS = 120.0
GOODBYE_SECONDS = 2.0


class SmtpMailer:
    """Sends through the server of an SMTP_URL; TLS is verified whenever it is used."""

    def __init__(
        self,
        url: str,
        *,
        tls: ssl.SSLContext | None = None,
        reply_seconds: float = REPLY_SECONDS,
        final_reply_seconds: float = FINAL_REPLY_SECONDS,
    ) -> None:
        self.address = parse_smtp_url(url)
        self.tls = tls or ssl.create_default_context()
        self.reply_seconds = reply_seconds
        self.final_reply_seconds = final_reply_seconds

    def send(self, message: EmailMessage | bytes, recipient: str, before_data: Callable[[], bool]) -> Receipt:
        """See Mailer. Raises BadAddress for a recipient that is none."""
        wire = read_message(message)
        to = wire_address(recipient)
        with self._open_session() as server:
            self._name_envelope(server, wire, to)
            if not before_data():
                with suppress(smtplib.SMTPException, OSError):
                    server.rset()
                raise Superseded(wire.message_id)
            return self._send_content(server, wire)

    def proof(self, message_id: str) -> None:
        """None: SMTP has no way to ask afterwards."""
        return None

    @contextmanager
    def _open_session(self) -> Iterator[smtplib.SMTP]:
        server = self._greet_server()
        try:
            yield server
        finally:
            say_goodbye(server)

    def _greet_server(self) -> smtplib.SMTP:
        """Connected, encrypted and logged in, as the address asks."""
        try:
            server = self._connect()
            try:
                self._secure_session(server)
            except BaseException:
                server.close()
                raise
        except smtplib.SMTPResponseException as reply:
            said = hide_secrets(reply_text(reply.smtp_error), self.address)
            raise judge_reply(reply.smtp_code, said, "session", MailNotStarted) from None
        except (
            OSError,
            ValueError,
        ) as failure:  # ValueError: a name or password that cannot be written on the wire
            raise MailNotStarted(hide_secrets(f"{self.address.host}: {failure}", self.address)) from None
        return server

    def _connect(self) -> smtplib.SMTP:
        host, port, name = self.address.host, self.address.port, self.address.helo
        if self.address.security == "tls":
            return smtplib.SMTP_SSL(host, port, name, timeout=self.reply_seconds, context=self.tls)
        return smtplib.SMTP(host, port, name, timeout=self.reply_seconds)

    def _secure_session(self, server: smtplib.SMTP) -> None:
        if self.address.security == "starttls":
            server.starttls(context=self.tls)
        server.ehlo_or_helo_if_needed()
        if self.address.user:
            server.login(self.address.user, self.address.password)

    def _name_envelope(self, server: smtplib.SMTP, wire: WireMessage, to: str) -> None:
        addressed = False
        try:
            code, text = server.mail(wire.sender, envelope_options(server, wire, to))
            if code != 250:
                raise judge_reply(code, text, "sender", MailNotStarted)
            addressed = True
            code, text = server.rcpt(to)
            if code not in (250, 251):
                raise judge_reply(code, text, "recipient", MailNotStarted)
        except OSError as failure:
            raise MailNotStarted(f"{self.address.host}: {failure}", addressed=addressed) from failure

    def _send_content(self, server: smtplib.SMTP, wire: WireMessage) -> Receipt:
        if server.sock:
            server.sock.settimeout(self.final_reply_seconds)
        try:
            code, text = server.data(wire.content)
        except smtplib.SMTPDataError as reply:
            raise judge_reply(reply.smtp_code, reply.smtp_error, "data", MailInDoubt) from reply
        except OSError as failure:
            raise MailInDoubt(f"{wire.message_id}: {failure}") from failure
        if code != 250:
            raise judge_reply(code, text, "content", MailInDoubt)
        return Receipt(f"{code} {reply_text(text)}")


def envelope_options(server: smtplib.SMTP, wire: WireMessage, to: str) -> list[str]:
    """What MAIL FROM must announce; a server that lacks it would garble the mail, so it is not asked."""
    needed = [] if wire.seven_bit else ["BODY=8BITMIME"]
    if not (to + wire.sender).isascii():
        needed.append("SMTPUTF8")
    for option in needed:
        keyword = option.rpartition("=")[2]
        if not server.has_extn(keyword):
            raise MailRefused(554, f"5.6.7 the server does not offer {keyword}", "recipient")
    return needed


def judge_reply(code: int, text: bytes | str, phase: Phase, unproven: type[MailError]) -> MailError:
    """The error for a reply that is no yes: 4xx and 5xx prove refusal, anything else proves nothing."""
    if 400 <= code <= 599:
        return MailRefused(code, reply_text(text), phase)
    return unproven(f"not an SMTP reply in phase {phase}: {code} {reply_text(text)}")


def reply_text(text: bytes | str) -> str:
    """A server's words on one line of at most 300 characters."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(words.split())[:300]


def hide_secrets(text: str, address: SmtpAddress) -> str:
    """A server's words without our password, plain or as AUTH sends it: they are shown and logged."""
    password = address.password
    encoded = (b64encode(secret.encode()).decode() for secret in (f"\0{address.user}\0{password}", password))
    for secret in (*encoded, password) if password else ():
        text = text.replace(secret, "…")
    return text


def say_goodbye(server: smtplib.SMTP) -> None:
    """QUIT without waiting long: what was to be proven is proven already."""
    with suppress(smtplib.SMTPException, OSError):
        if server.sock:
            server.sock.settimeout(GOODBYE_SECONDS)
        server.quit()
    server.close()
