"""Mails as files: whole or not at all, and once per Message-ID."""

import errno
import threading
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from dunning.outside.mail.channel import (
    FileMailer,
    MailNotStarted,
    MailRefused,
    SmtpMailer,
    Superseded,
    make_mailer,
)
from dunning.rules.mail_address import BadAddress
from dunning.smtp_address import parse_smtp_url
from tests.outside.mail.mail_builders import a_message

ANNA = "anna@example.org"
ID = "<k3y-42@mahnlauf.example>"


@pytest.fixture
def mailer(tmp_path):
    return FileMailer(tmp_path / "mail")


def files_in(mailer):
    return sorted(path.name for path in mailer.folder.iterdir())


def test_a_mail_becomes_one_file_that_a_mail_program_can_open(mailer):
    receipt = mailer.send(a_message(), ANNA, lambda: True)
    assert receipt.line.startswith("250 ")
    assert files_in(mailer) == ["k3y-42.eml"]
    message = message_from_bytes((mailer.folder / "k3y-42.eml").read_bytes(), policy=default)
    assert message["Message-ID"] == ID


def test_the_same_mail_again_changes_nothing(mailer):
    mailer.send(a_message(), ANNA, lambda: True)
    before = (mailer.folder / "k3y-42.eml").read_bytes()
    mailer.send(a_message(recipient="eve@example.org"), "eve@example.org", lambda: True)
    assert (mailer.folder / "k3y-42.eml").read_bytes() == before
    assert files_in(mailer) == ["k3y-42.eml"]


def test_many_threads_with_one_mail_leave_one_file(mailer):
    threads = [threading.Thread(target=mailer.send, args=(a_message(), ANNA, lambda: True)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files_in(mailer) == ["k3y-42.eml"]


def test_nothing_can_be_seen_of_a_mail_before_its_commit(mailer):
    seen = []
    mailer.send(a_message(), ANNA, lambda: seen.append(mailer.proof(ID)) is None)
    assert seen == [False]
    assert mailer.proof(ID)


def test_a_case_that_changed_leaves_no_file(mailer):
    with pytest.raises(Superseded):
        mailer.send(a_message(), ANNA, lambda: False)
    assert files_in(mailer) == []
    assert mailer.proof(ID) is False


def test_a_commit_that_fails_leaves_no_file(mailer):
    def break_down():
        raise ConnectionError("database gone")

    with pytest.raises(ConnectionError):
        mailer.send(a_message(), ANNA, break_down)
    assert files_in(mailer) == []


def test_a_folder_that_cannot_be_made_is_safe_to_try_again(tmp_path):
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(MailNotStarted):
        FileMailer(tmp_path / "mail").send(a_message(), ANNA, lambda: True)


def test_a_disk_that_is_full_at_the_last_step_proves_that_nothing_went_out(mailer, monkeypatch):
    def no_space(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(MailRefused, match="No space left") as refused:
        mailer.send(a_message(), ANNA, lambda: True)
    assert (refused.value.code, refused.value.permanent) == (452, False)
    assert files_in(mailer) == []


@pytest.mark.parametrize("message_id", ["<../x@a.de>", "<a/b@a.de>", "<.hidden@a.de>", "x", "<a b@c.de>"])
def test_a_foreign_message_id_names_no_file(mailer, message_id):
    with pytest.raises(ValueError, match="Message-ID"):
        mailer.proof(message_id)
    message = a_message()
    message.replace_header("Message-ID", message_id)
    with pytest.raises(ValueError, match="Message-ID"):
        mailer.send(message, ANNA, lambda: True)


def test_a_mail_without_message_id_is_refused(mailer):
    with pytest.raises(ValueError, match="Message-ID"):
        mailer.send(b"From: a@example.org\r\n\r\nhello\r\n", ANNA, lambda: True)


def test_a_bad_recipient_is_refused_as_by_smtp(mailer):
    with pytest.raises(BadAddress):
        mailer.send(a_message(), "nobody", lambda: True)


def test_files_are_written_unless_a_server_is_configured(tmp_path):
    assert make_mailer(None, tmp_path).path_of(ID) == tmp_path / "mail" / "k3y-42.eml"
    assert make_mailer("", tmp_path).path_of(ID).parent == tmp_path / "mail"
    assert isinstance(make_mailer("smtp://127.0.0.1:2525", tmp_path), SmtpMailer)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://relay", ("relay", 25, "none", "", "")),
        ("smtp://u%40x.de:p%3Aw@relay:2587?starttls=1", ("relay", 2587, "starttls", "u@x.de", "p:w")),
        ("smtp://relay?starttls=1", ("relay", 587, "starttls", "", "")),
        ("smtps://u:p@relay", ("relay", 465, "tls", "u", "p")),
        ("smtp://u:p@127.0.0.1:25", ("127.0.0.1", 25, "none", "u", "p")),
        ("smtp://[::1]:2525", ("::1", 2525, "none", "", "")),
    ],
)
def test_a_servers_address_is_read_from_one_url(url, expected):
    address = parse_smtp_url(url)
    parts = (address.host, address.port, address.security, address.user, address.password)
    assert parts == expected


@pytest.mark.parametrize(
    "url",
    [
        "relay:25",
        "http://relay",
        "smtp://",
        "smtp://relay:0",
        "smtp://relay:99999",
        "smtp://relay:mail",
        "smtp://relay/path",
        "smtp://relay?starttls=yes",
        "smtp://relay?tls=1",
        "smtps://relay?starttls=1",
        "smtp://user:hush@relay",
    ],
)
def test_a_url_that_cannot_be_read_or_bares_the_password_is_refused_without_telling_it(url):
    with pytest.raises(ValueError, match=r"^SMTP_URL") as refused:
        parse_smtp_url(url)
    assert "hush" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_password_is_not_printed_with_the_address():
    assert "hush" not in repr(parse_smtp_url("smtps://user:hush@relay"))


def test_we_greet_with_the_configured_name():
    assert parse_smtp_url("smtp://relay?helo=mail.mahnlauf.example").helo == "mail.mahnlauf.example"
