"""The ways out of the house for a rehearsal: everybody answers as if all went well, nobody outside hears of it.

What is decided, checked again and noted is done by the same code as in earnest, inside `rehearse()`.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from functools import cached_property
from typing import Any

from dunning import effects
from dunning.clock import read_now
from dunning.jobs.carry.carry import carry_out
from dunning.jobs.ways.channels import Channels, make_partner, set_channels
from dunning.outside.mail.channel import Mailer, Receipt, Superseded, make_mailer
from dunning.outside.partner.answers import ClaimAnswer, MandateAnswer, QuestionAnswer
from dunning.outside.partner.port import Partner
from dunning.outside.press.press import LetterPress
from dunning.outside.storage import Storage
from dunning.records.database import db, rehearse
from dunning.rules.letters.letter import Letter
from dunning.rules.partner.handover import Handover
from dunning.rules.partner.wish import Wish
from dunning.settings import Settings


class RehearsedMailer:
    """Every mail is taken; what a real attempt left behind is still known."""

    def __init__(self, real: Mailer) -> None:
        self._real = real

    def send(self, message: EmailMessage | bytes, recipient: str, before_data: Callable[[], bool]) -> Receipt:
        """See Mailer."""
        if not before_data():
            raise Superseded(recipient)
        return Receipt("250 rehearsed")

    def proof(self, message_id: str) -> bool | None:
        """See Mailer."""
        return self._real.proof(message_id)


class RehearsedPress(LetterPress):
    """Letters of a few bytes, without a child process."""

    def render(self, letter: Letter) -> bytes:
        """The letter's data, which name it as well as its PDF would."""
        return letter.to_json().encode()


class RehearsedStorage(Storage):
    """Reads what is stored; keeps nothing of what is put but its hash."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._put: set[str] = set()

    def put(self, content: bytes) -> str:
        """The hash under which it would be kept."""
        sha256 = hashlib.sha256(content).hexdigest()
        self._put.add(sha256)
        return sha256

    def get(self, sha256: str) -> bytes:
        """A stored letter; nothing for one that was only rehearsed."""
        return b"" if sha256 in self._put else super().get(sha256)


class RehearsedPartner:
    """Knows no claim of ours, accepts every one at once and takes all it is told. Asks as much as the real one."""

    def __init__(self, real: Partner) -> None:
        self.adapter, self.offers_requests = real.adapter, real.offers_requests

    def create_debtor(self, handover: Handover) -> str:
        """The debtor is known by our own reference."""
        return handover.reference

    def create_claim(self, handover: Handover, debtor_id: str) -> ClaimAnswer:
        """So is the claim."""
        return ClaimAnswer(id=handover.reference, submission_state="created", debtor=debtor_id)

    def upload_document(self, claim_id: str, name: str, content: bytes) -> None:
        """Nothing is looked at."""

    def release_claim(self, claim_id: str) -> ClaimAnswer:
        """Accepted."""
        return self.get_claim(claim_id)

    def get_claim(self, claim_id: str) -> ClaimAnswer:
        """Accepted, also when the real partner is still reviewing."""
        return ClaimAnswer(id=claim_id, submission_state="accepted", mandate=claim_id)

    def find_claims(self, our_reference: str) -> list[ClaimAnswer]:
        """None."""
        return []

    def get_mandate(self, mandate_id: str) -> MandateAnswer:
        """Just begun."""
        return MandateAnswer(id=mandate_id, processing_state="in_progress")

    def list_mandates(self) -> Iterator[MandateAnswer]:
        """None."""
        return iter(())

    def list_questions(self, mandate_id: str) -> list[QuestionAnswer]:
        """None is known to be answered."""
        return []

    def answer_question(self, mandate_id: str, request_id: str, answer: dict[str, Any]) -> QuestionAnswer:
        """Taken."""
        return QuestionAnswer(id=request_id, answered=True)

    def report_payment(self, claim_id: str, cents: int, value_date: dt.date, reference: str) -> str:
        """Known by our own reference."""
        return reference

    def register_webhook(self, url: str, events: Sequence[str], description: str = "") -> str:
        """There are no news to sign."""
        return ""

    def send_request(self, wish: Wish) -> str:
        """Known by our own reference."""
        return wish.reference

    def exchange_files(self, today: dt.date, *, day_over: bool = False) -> list[str]:
        """None are exchanged."""
        return []


class RehearsedChannels(Channels):
    """The set a rehearsal carries its effects out with."""

    @cached_property
    def mailer(self) -> Mailer:
        return RehearsedMailer(make_mailer(self.settings.smtp_url, self.settings.home))

    @cached_property
    def storage(self) -> Storage:
        return RehearsedStorage(self.settings.storage_url)

    @cached_property
    def partner(self) -> Partner:
        return RehearsedPartner(make_partner(self.settings))

    @cached_property
    def press(self) -> LetterPress:
        return RehearsedPress()


@contextmanager
def open_rehearsal(settings: Settings) -> Iterator[Callable[[dt.date], None]]:
    """Inside, days are played as if in earnest and undone at the end; yields what carries a day's effects out."""
    set_channels(RehearsedChannels(settings))
    try:
        with rehearse():
            yield carry_day
    finally:
        set_channels(None)


def carry_day(on: dt.date) -> None:
    """Carries out in this thread what is ready on this business day, until nothing is."""
    while effect_ids := list(effects.list_ready(read_now(), on_date=on)):
        db.session.rollback()
        for effect_id in effect_ids:
            carry_out(effect_id)
