"""The port to the collection partner: what every way of reaching it offers, an API or files."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from dunning.outside.partner.answers import ClaimAnswer, MandateAnswer, QuestionAnswer
from dunning.rules.partner.handover import Handover
from dunning.rules.partner.wish import Wish


class Partner(Protocol):
    """Every method raises PartnerRefused or PartnerUnavailable when it fails; nothing is retried behind it."""

    @property
    def adapter(self) -> str:
        """The name under which `rules.handover` keeps the fields it requires."""

    @property
    def offers_requests(self) -> bool:
        """Whether holds, cancellations and the like can be sent; else they go as mails."""

    def create_debtor(self, handover: Handover) -> str:
        """The id of the debtor."""

    def create_claim(self, handover: Handover, debtor_id: str) -> ClaimAnswer:
        """A new claim in state `created`: nothing happens with it before its release."""

    def upload_document(self, claim_id: str, name: str, content: bytes) -> None:
        """Adds a PDF to a claim that is not released yet."""

    def release_claim(self, claim_id: str) -> ClaimAnswer:
        """Hands the claim over: from now on it cannot be changed."""

    def get_claim(self, claim_id: str) -> ClaimAnswer:
        """The claim as it stands at the partner."""

    def find_claims(self, our_reference: str) -> list[ClaimAnswer]:
        """All claims that carry our reference, oldest first."""

    def get_mandate(self, mandate_id: str) -> MandateAnswer:
        """The accepted claim as the partner works on it."""

    def list_mandates(self) -> Iterator[MandateAnswer]:
        """Every mandate."""

    def list_questions(self, mandate_id: str) -> list[QuestionAnswer]:
        """What the partner wants to know about a mandate, answered or not."""

    def answer_question(self, mandate_id: str, request_id: str, answer: dict[str, Any]) -> QuestionAnswer:
        """Answers a question once."""

    def report_payment(self, claim_id: str, cents: int, value_date: dt.date, reference: str) -> str:
        """Tells of money that reached us; the partner's id of it."""

    def register_webhook(self, url: str, events: Sequence[str], description: str = "") -> str:
        """Has news sent to an HTTPS address; the key that signs them."""

    def send_request(self, wish: Wish) -> str:
        """The partner's id of the wish; only where it `offers_requests`."""

    def exchange_files(self, today: dt.date, *, day_over: bool = False) -> list[str]:
        """Hands over the files of every business day before `today` (with `day_over` of today, too) and takes what
        came. Returns what was wrong with it, a line per problem; where no files are exchanged, nothing.
        """
