"""Mails as files: `<folder>/<reference>.eml`, the way of sending when no SMTP server is configured."""

import re
import tempfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from dunning.outside.mail.outcome import MailNotStarted, MailRefused, Receipt, Superseded
from dunning.outside.mail.wire import read_message
from dunning.rules.mail_address import wire_address

MESSAGE_ID = re.compile(r"<([A-Za-z0-9][A-Za-z0-9._-]{0,79})@[^<>@\s/]+>")
WRITTEN = Receipt("250 2.0.0 written to a file")


class FileMailer:
    """Writes each mail whole or not at all; the same Message-ID is written once.

    A killed process leaves no half mail. The files are not forced to the disk: they are for one machine
    without a mail server, and production refuses them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage | bytes, recipient: str, before_data: Callable[[], bool]) -> Receipt:
        """See Mailer. A disk that fails at the last step is a refusal with SMTP's own code for it, 452."""
        wire = read_message(message)
        wire_address(recipient)
        path = self.path_of(wire.message_id)
        aside = self._write_aside(wire.content)
        try:
            if not before_data():
                raise Superseded(wire.message_id)
            self._put_in_place(aside, path)
        finally:
            aside.unlink(missing_ok=True)
        return WRITTEN

    def proof(self, message_id: str) -> bool:
        """True when the mail was written."""
        return self.path_of(message_id).exists()

    def path_of(self, message_id: str) -> Path:
        """The mail's file; ValueError for a Message-ID that is not one of ours."""
        match = MESSAGE_ID.fullmatch(message_id)
        if not match:
            raise ValueError(f"not a Message-ID of ours: {message_id!r}")
        return self.folder / f"{match[1]}.eml"

    def _write_aside(self, content: bytes) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                file.write(content)
            return Path(file.name)
        except OSError as failure:
            raise MailNotStarted(f"cannot write a mail: {failure.strerror}") from failure

    def _put_in_place(self, aside: Path, path: Path) -> None:
        try:
            # the mail of an earlier attempt stays as it is
            if not path.exists():
                aside.replace(path)
        except OSError as failure:
            raise MailRefused(452, f"4.3.1 {failure.strerror}", "content") from failure
