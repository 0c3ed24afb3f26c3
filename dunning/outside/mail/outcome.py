"""How sending a mail can end, and the interface of whoever sends it.

Every end says what is proven, because a mail must never go out twice by itself and never be lost:

- `Receipt`: accepted, with the server's line.
- `Superseded`, `MailNotStarted`, `MailRefused`: proven not accepted.
- `MailInDoubt`: the content may have arrived; a person decides (RFC 1047 tells why nobody else can).
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal, Protocol

Phase = Literal["session", "sender", "recipient", "data", "content"]
# "service not available, closing transmission channel": an answer to any command (RFC 5321 3.8)
CLOSING = 421


@dataclass(frozen=True)
class Receipt:
    """Proof of acceptance: the server's reply, `250 …`."""

    line: str


class MailError(Exception):
    """A mail was not accepted, or nobody knows. `outage`: the server takes none at present, whatever the mail.

    `addressed`: it came when the recipient had been named, so that it may be the recipient's.
    """

    outage = False
    addressed = False


class Superseded(MailError):
    """The case changed before the content went out; nothing was sent."""


class MailNotStarted(MailError):
    """Connection or encryption failed before the content went out; safe to try again."""

    outage = True

    def __init__(self, text: str, *, addressed: bool = False) -> None:
        super().__init__(text)
        self.addressed = addressed


class MailInDoubt(MailError):
    """The content was on its way and no final reply came back; never retried by itself."""


class MailRefused(MailError):
    """The server said no in `phase`. `permanent`: this mail to this recipient will never be taken."""

    def __init__(self, code: int, text: str, phase: Phase) -> None:
        super().__init__(f"{code} {text} ({phase})")
        self.code = code
        self.text = text
        self.phase = phase
        self.addressed = phase not in ("session", "sender")
        # what is said to our greeting, login or sender is about our account: every other mail would hear it too
        self.outage = not self.addressed or (code == CLOSING and phase != "content")
        self.permanent = code >= 500 and not self.outage


class Mailer(Protocol):
    """Sends one mail at a time; safe to share between threads."""

    def send(self, message: EmailMessage | bytes, recipient: str, before_data: Callable[[], bool]) -> Receipt:
        """Send to one recipient; raises the errors above.

        `before_data` is called once, immediately before the content goes out: it commits that fact and
        returns True, or False when the mail must not go out any more.
        """

    def proof(self, message_id: str) -> bool | None:
        """Whether a message with this Message-ID went out; None when this way of sending cannot know."""
