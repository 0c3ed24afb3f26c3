"""What each way of failing proves, tried on a real connection: never twice, never lost."""

import ssl
import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest
import trustme

from dunning.outside.mail.channel import (
    MailError,
    MailInDoubt,
    MailNotStarted,
    MailRefused,
    SmtpMailer,
    Superseded,
)
from dunning.rules.mail_address import BadAddress
from tests.smtp_server import SmtpServer

ANNA = "anna@example.org"


def a_message(text: str = "Guten Tag\n") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Mahnlauf Demo GmbH <mahnung@mahnlauf.example>"
    message["To"] = ANNA
    message["Message-ID"] = "<case-1@mahnlauf.example>"
    message.set_content(text, cte="quoted-printable")
    return message


class Gate:
    """Stands for the commit of `phase=data`; remembers how often it was asked."""

    def __init__(self, *, opens: bool = True):
        self.opens = opens
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.opens


def a_mailer(server: SmtpServer, tls: ssl.SSLContext | None = None) -> SmtpMailer:
    return SmtpMailer(server.url, tls=tls, reply_seconds=0.7, final_reply_seconds=0.7)


def test_an_accepted_mail_gives_the_servers_line_as_proof():
    gate = Gate()
    with SmtpServer("ok") as server:
        receipt = a_mailer(server).send(a_message(), ANNA, gate)
    assert receipt.line == "250 2.0.0 taken as 1"
    assert gate.asked == 1
    [delivery] = server.deliveries
    assert (delivery.sender, delivery.recipient) == ("mahnung@mahnlauf.example", ANNA)


def test_the_content_arrives_byte_for_byte():
    message = a_message(".a line that begins with a dot\n..\n.\nGrüße\n")
    with SmtpServer("ok") as server:
        a_mailer(server).send(message, ANNA, Gate())
        a_mailer(server).send(message.as_bytes(), ANNA, Gate())
    assert [delivery.content for delivery in server.deliveries] == [message.as_bytes()] * 2


def test_bare_line_ends_in_stored_bytes_cannot_smuggle_a_second_mail():
    smuggled = a_message().as_bytes() + b"a\n.\nMAIL FROM:<x@example.org>\r.\r\n.\rb\r\n"
    with SmtpServer("ok") as server:
        a_mailer(server).send(smuggled, ANNA, Gate())
    [delivery] = server.deliveries
    assert delivery.content.endswith(b"a\r\n.\r\nMAIL FROM:<x@example.org>\r\n.\r\n.\r\nb\r\n")


@pytest.mark.parametrize(
    ("script", "code", "phase", "permanent"),
    [
        ("421 at banner", 421, "session", False),
        ("554 at banner", 554, "session", False),
        ("421 at MAIL", 421, "sender", False),
        ("550 at MAIL", 550, "sender", False),
        ("450 at RCPT", 450, "recipient", False),
        ("451 at RCPT", 451, "recipient", False),
        ("550 at RCPT", 550, "recipient", True),
        ("451 at DATA", 451, "data", False),
        ("451 after dot", 451, "content", False),
        ("554 after dot", 554, "content", True),
    ],
)
def test_a_reply_that_says_no_is_a_proof_that_nothing_was_taken(script, code, phase, permanent):
    with SmtpServer(script) as server, pytest.raises(MailRefused) as refused:
        a_mailer(server).send(a_message(), ANNA, Gate())
    assert (refused.value.code, refused.value.phase, refused.value.permanent) == (code, phase, permanent)
    assert server.deliveries == []


@pytest.mark.parametrize(
    "script",
    [
        "silence before banner",
        "drop at banner",
        "nonsense at banner",
        "drop at RCPT",
        "silence at RCPT",
    ],
)
def test_a_line_lost_before_the_content_is_safe_to_try_again(script):
    gate = Gate()
    with SmtpServer(script, "ok") as server:
        with pytest.raises(MailNotStarted):
            a_mailer(server).send(a_message(), ANNA, gate)
        assert gate.asked == 0
        a_mailer(server).send(a_message(), ANNA, gate)
    assert len(server.deliveries) == 1


def test_a_server_that_is_not_there_is_safe_to_try_again():
    with SmtpServer("ok") as server:
        mailer = a_mailer(server)
    with pytest.raises(MailNotStarted):
        mailer.send(a_message(), ANNA, Gate())


@pytest.mark.parametrize(
    ("script", "copies"),
    [
        ("drop at DATA", 0),
        ("nonsense at DATA", 0),
        ("drop before the final dot", 0),
        ("drop after the final dot", 1),
        ("silence after the final dot", 1),
        ("nonsense after the final dot", 1),
        ("endless line after the final dot", 1),
    ],
)
def test_a_line_lost_after_the_content_began_is_in_doubt(script, copies):
    gate = Gate()
    with SmtpServer(script) as server, pytest.raises(MailInDoubt):
        a_mailer(server).send(a_message(), ANNA, gate)
    assert gate.asked == 1
    assert len(server.deliveries) == copies


def test_the_final_reply_gets_more_time_than_the_others():
    with SmtpServer("slow") as server:
        mailer = SmtpMailer(server.url, reply_seconds=0.5, final_reply_seconds=5)
        assert mailer.send(a_message(), ANNA, Gate()).line.startswith("250")
    with SmtpServer("silence after the final dot") as server:
        mailer = SmtpMailer(server.url, reply_seconds=0.1, final_reply_seconds=0.6)
        began = time.monotonic()
        with pytest.raises(MailInDoubt):
            mailer.send(a_message(), ANNA, Gate())
        assert time.monotonic() - began >= 0.6


def test_a_case_that_changed_sends_nothing():
    with SmtpServer("ok") as server, pytest.raises(Superseded):
        a_mailer(server).send(a_message(), ANNA, Gate(opens=False))
    assert server.deliveries == []
    assert server.commands[-2:] == ["rset", "quit"]
    assert "data" not in server.commands


def test_a_commit_that_fails_sends_nothing():
    def break_down() -> bool:
        raise ConnectionError("database gone")

    with SmtpServer("ok") as server, pytest.raises(ConnectionError, match="database gone"):
        a_mailer(server).send(a_message(), ANNA, break_down)
    assert server.deliveries == []


def test_a_line_lost_after_acceptance_changes_nothing():
    with SmtpServer("drop at QUIT") as server:
        assert a_mailer(server).send(a_message(), ANNA, Gate()).line.startswith("250")
    assert len(server.deliveries) == 1


def test_a_recipient_that_is_none_reaches_no_server():
    with SmtpServer("ok") as server, pytest.raises(BadAddress):
        a_mailer(server).send(a_message(), "anna@example.org>\r\nRCPT TO:<eve@example.org", Gate())
    assert server.connections == 0


def test_a_domain_with_umlauts_travels_in_ascii():
    with SmtpServer("ok", extensions=()) as server:
        a_mailer(server).send(a_message(), "info@müller.de", Gate())
    assert server.deliveries[0].recipient == "info@xn--mller-kva.de"


def test_a_name_with_umlauts_needs_a_server_that_takes_them():
    with SmtpServer("ok") as server:
        a_mailer(server).send(a_message(), "jörg@müller.de", Gate())
    assert server.deliveries[0].recipient == "jörg@müller.de"
    with SmtpServer("ok", extensions=()) as server, pytest.raises(MailRefused) as refused:
        a_mailer(server).send(a_message(), "jörg@müller.de", Gate())
    assert refused.value.permanent
    assert server.deliveries == []


def test_eight_bit_content_is_announced_or_not_sent():
    content = a_message().as_bytes() + "Grüße\r\n".encode()
    with SmtpServer("ok") as server:
        a_mailer(server).send(content, ANNA, Gate())
    assert any("BODY=8BITMIME" in command for command in server.commands)
    with SmtpServer("ok", extensions=()) as server, pytest.raises(MailRefused, match="8BITMIME"):
        a_mailer(server).send(content, ANNA, Gate())


class TestEncryption:
    """The certificate is made for localhost by an authority that only `trusting` knows."""

    @pytest.fixture(scope="class")
    @staticmethod
    def authority():
        return trustme.CA()

    @pytest.fixture(scope="class")
    @staticmethod
    def server_side(authority):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        return context

    @pytest.fixture(scope="class")
    @staticmethod
    def trusting(authority):
        context = ssl.create_default_context()
        authority.configure_trust(context)
        return context

    def test_starttls_comes_before_the_password(self, server_side, trusting):
        with SmtpServer("ok", tls=server_side) as server:
            url = f"smtp://us%40er:pass@localhost:{server.port}?starttls=1"
            SmtpMailer(url, tls=trusting, reply_seconds=2).send(a_message(), ANNA, Gate())
        verbs = [command.split()[0].upper() for command in server.commands]
        assert verbs == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
        assert len(server.deliveries) == 1

    def test_smtps_is_encrypted_from_the_first_byte(self, server_side, trusting):
        with SmtpServer("ok", tls=server_side, implicit_tls=True) as server:
            url = f"smtps://localhost:{server.port}"
            SmtpMailer(url, tls=trusting, reply_seconds=2).send(a_message(), ANNA, Gate())
        assert len(server.deliveries) == 1

    @pytest.mark.parametrize(("scheme", "query"), [("smtp", "?starttls=1"), ("smtps", "")])
    def test_a_certificate_of_an_unknown_authority_gets_neither_password_nor_mail(
        self, server_side, scheme, query
    ):
        with SmtpServer("ok", tls=server_side, implicit_tls=scheme == "smtps") as server:
            url = f"{scheme}://user:pass@localhost:{server.port}{query}"
            with pytest.raises(MailNotStarted, match="certificate"):
                SmtpMailer(url, reply_seconds=2).send(a_message(), ANNA, Gate())
        assert not [command for command in server.commands if command.startswith(("AUTH", "mail"))]

    def test_a_certificate_for_another_name_gets_nothing(self, server_side, trusting):
        with SmtpServer("ok", tls=server_side) as server:
            url = f"smtp://127.0.0.1:{server.port}?starttls=1"
            with pytest.raises(MailNotStarted, match="certificate"):
                SmtpMailer(url, tls=trusting, reply_seconds=2).send(a_message(), ANNA, Gate())
        assert server.deliveries == []

    def test_a_server_that_cannot_encrypt_gets_neither_password_nor_mail(self):
        with SmtpServer("ok") as server:
            url = f"smtp://user:pass@127.0.0.1:{server.port}?starttls=1"
            with pytest.raises(MailNotStarted):
                SmtpMailer(url, reply_seconds=2).send(a_message(), ANNA, Gate())
        assert [command.split()[0] for command in server.commands] == ["ehlo"]


def test_every_error_of_sending_is_a_mail_error():
    for error in (Superseded, MailNotStarted, MailInDoubt, MailRefused):
        assert issubclass(error, MailError)


def test_smtp_cannot_prove_afterwards():
    assert SmtpMailer("smtp://127.0.0.1").proof("<case-1@mahnlauf.example>") is None
