"""A collection agency without an API: a ZIP per day out, CSV answers in, below the folder of `PARTNER_URL=file:///…`.

To those who hand over and ask for news it looks like the API: a claim is written, released, under review until an
answer file says what became of it, and then a mandate.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from dunning.outside.agency.answer_files import AnswerBook
from dunning.outside.agency.fold import judge_claim_events, judge_mandate_events
from dunning.outside.agency.rows import PartnerRequest
from dunning.outside.agency.spool import Spool
from dunning.outside.partner.answers import (
    ClaimAnswer,
    MandateAnswer,
    PartnerRefused,
    PartnerUnavailable,
    QuestionAnswer,
)
from dunning.rules.partner.handover import Handover
from dunning.rules.partner.wish import Wish

PAYMENT = "payment"


class FilePartner:
    """See Partner. Several processes may share the folder; one that is killed leaves nothing half done."""

    adapter = "file"
    offers_requests = True

    def __init__(self, folder: Path) -> None:
        self._spool = Spool(folder)
        self._book = AnswerBook(folder)

    def create_debtor(self, handover: Handover) -> str:
        """The debtor stands in the claim's row and is known by its reference."""
        return handover.reference

    def create_claim(self, handover: Handover, debtor_id: str) -> ClaimAnswer:
        """A draft under our own reference, which is its id."""
        with guard_disk():
            self._spool.keep_claim(handover)
        return self.get_claim(handover.reference)

    def upload_document(self, claim_id: str, name: str, content: bytes) -> None:
        """Into the draft."""
        with guard_disk():
            self._spool.keep_document(claim_id, name, content)

    def release_claim(self, claim_id: str) -> ClaimAnswer:
        """It goes with the ZIP of the present day."""
        with guard_disk():
            self._spool.release_claim(claim_id)
        return self.get_claim(claim_id)

    def get_claim(self, claim_id: str) -> ClaimAnswer:
        """As the last answer file has it."""
        if found := self.find_claims(claim_id):
            return found[0]
        raise PartnerUnavailable(f"no claim {claim_id} in the partner's folder", safe=False, away=False)

    def find_claims(self, our_reference: str) -> list[ClaimAnswer]:
        """None or one: the reference is the name it is kept under."""
        with guard_disk():
            self._book.refresh()
            events = self._book.list_events(our_reference)
            place = "released" if events else self._spool.find_claim(our_reference)
        if place is None:
            return []
        if place == "draft":
            return [ClaimAnswer(id=our_reference, submission_state="created", your_reference=our_reference)]
        return [judge_claim_events(our_reference, events)]

    def get_mandate(self, mandate_id: str) -> MandateAnswer:
        """What the answer files say of it."""
        with guard_disk():
            self._book.refresh()
            reference = self._book.owners.get(mandate_id)
            if reference is None:
                raise PartnerUnavailable(f"no answer names mandate {mandate_id}", safe=True, away=False)
            total = self._spool.read_claim(reference).total
        return judge_mandate_events(mandate_id, reference, total, self._book.list_events(reference))

    def list_mandates(self) -> Iterator[MandateAnswer]:
        """In order of acceptance; one whose claim was rejected after all is none."""
        with guard_disk():
            self._book.refresh()
        for mandate_id, reference in list(self._book.owners.items()):
            if judge_claim_events(reference, self._book.list_events(reference)).mandate:
                yield self.get_mandate(mandate_id)

    def list_questions(self, mandate_id: str) -> list[QuestionAnswer]:
        """None: such an agency asks by mail."""
        return []

    def answer_question(self, mandate_id: str, request_id: str, answer: dict[str, Any]) -> QuestionAnswer:
        """There is no question to answer."""
        raise PartnerRefused(404, (f"no question {request_id}",))

    def report_payment(self, claim_id: str, cents: int, value_date: dt.date, reference: str) -> str:
        """A row of requests.csv; what was taken back is a wish of its own with a minus."""
        with guard_disk():
            self._book.refresh()
            mandate = self._book.mandates.get(claim_id, "")
            payment = PartnerRequest(
                key=reference,
                kind=PAYMENT,
                reference=claim_id,
                mandate=mandate,
                cents=cents,
                value_date=value_date,
            )
            return self._spool.keep_request(payment)

    def register_webhook(self, url: str, events: Sequence[str], description: str = "") -> str:
        """Nobody is there who could call."""
        raise PartnerRefused(404, ("answers come as files",))

    def send_request(self, wish: Wish) -> str:
        """A row of requests.csv."""
        request = PartnerRequest(
            key=wish.reference,
            kind=wish.kind,
            reference=self.get_mandate(wish.mandate_id).claims[0].id,
            mandate=wish.mandate_id,
            cents=wish.cents or None,
            value_date=wish.value_date,
            until=wish.until,
            text=wish.text,
        )
        with guard_disk():
            return self._spool.keep_request(request)

    def exchange_files(self, today: dt.date, *, day_over: bool = False) -> list[str]:
        """Packs the days that are over and takes the answer files."""
        with guard_disk():
            self._spool.turn_day(today, day_over=day_over)
            with self._spool.lock():
                return self._book.take_files(lambda claim: self._spool.find_claim(claim) == "released")


@contextmanager
def guard_disk() -> Iterator[None]:
    """A full disk or a folder that is not mounted is a partner that is away; everything may be said again."""
    try:
        yield
    except OSError as error:
        raise PartnerUnavailable(f"the partner's folder: {error.strerror or error}", safe=True) from error


def find_folder(url: str) -> Path:
    """The folder of a `file:///…` URL; ValueError unless it is one of this machine and below the root."""
    parts = urlsplit(url)
    folder = Path(unquote(parts.path))
    if parts.netloc not in ("", "localhost") or not folder.is_absolute() or folder == Path("/"):
        raise ValueError(
            "PARTNER_URL: file:// needs the absolute path of a folder, as in file:///srv/partner"
        )
    return folder
