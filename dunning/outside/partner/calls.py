"""The collection partner's documented calls (Paywise Case Management API, version 1), one per method.

Every method raises PartnerRefused or PartnerUnavailable when it fails; nothing is retried here. `talk` asks the
partner before it sends anything again.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from dunning.outside.partner.answers import (
    Answer,
    ClaimAnswer,
    MandateAnswer,
    PaymentAnswer,
    QuestionAnswer,
    WebhookAnswer,
)
from dunning.outside.partner.wire import PartnerWire
from dunning.rules.partner.handover import Handover, PaymentMade
from dunning.rules.partner.payload import claim_payload, debtor_payload, write_payment

UNDATED = dt.datetime.min.replace(tzinfo=dt.UTC)


class PartnerCalls(PartnerWire):
    """What every partner with this API understands, in documented words only."""

    # what it cannot do without: `rules.handover.REQUIRED_FIELDS`
    adapter = "paywise"

    def create_debtor(self, handover: Handover) -> str:
        """The id of the new debtor."""
        return self._ask("POST", "debtors/", Answer, {"json": debtor_payload(handover)}).id

    def create_claim(self, handover: Handover, debtor_id: str) -> ClaimAnswer:
        """A new claim in state `created`: nothing happens with it before its release."""
        return self._ask("POST", "claims/", ClaimAnswer, {"json": claim_payload(handover, debtor_id)})

    def upload_document(self, claim_id: str, name: str, content: bytes) -> None:
        """Adds a PDF to a claim that is not released yet."""
        files = {"file": (name, content, "application/pdf")}
        self._ask("POST", f"claims/{write_id(claim_id)}/documents/", Answer, {"files": files})

    def release_claim(self, claim_id: str) -> ClaimAnswer:
        """Hands the claim over: from now on it cannot be changed."""
        body = {"submission_state": "released", "send_order_confirmation": False}
        return self._ask("PATCH", f"claims/{write_id(claim_id)}/", ClaimAnswer, {"json": body})

    def get_claim(self, claim_id: str) -> ClaimAnswer:
        """The claim as it stands at the partner."""
        return self._ask("GET", f"claims/{write_id(claim_id)}/", ClaimAnswer)

    def find_claims(self, our_reference: str) -> list[ClaimAnswer]:
        """All claims that carry our reference, oldest first.

        Compared on our side and read to the last page: a partner that ignores the filter answers with all.
        """
        listed = self._list("claims/", ClaimAnswer, {"your_reference": our_reference})
        found = [claim for claim in listed if claim.your_reference == our_reference]
        return sorted(found, key=lambda claim: claim.created or UNDATED)

    def get_mandate(self, mandate_id: str) -> MandateAnswer:
        """The accepted claim as the partner works on it."""
        return self._ask("GET", f"mandates/{write_id(mandate_id)}/", MandateAnswer)

    def list_mandates(self) -> Iterator[MandateAnswer]:
        """Every mandate, page by page."""
        return self._list("mandates/", MandateAnswer, {})

    def list_questions(self, mandate_id: str) -> list[QuestionAnswer]:
        """What the partner wants to know about a mandate, answered or not."""
        return list(self._list(f"mandates/{write_id(mandate_id)}/requests-to-client/", QuestionAnswer, {}))

    def answer_question(self, mandate_id: str, request_id: str, answer: dict[str, Any]) -> QuestionAnswer:
        """Answers a question once; the keys of `answer` follow its type. Answered before: PartnerRefused."""
        path = f"mandates/{write_id(mandate_id)}/requests-to-client/{write_id(request_id)}/answer/"
        return self._ask("POST", path, QuestionAnswer, {"json": {"answer": answer}})

    def report_payment(self, claim_id: str, cents: int, value_date: dt.date, reference: str) -> str:
        """Tells of money that reached us; the partner's id of the payment.

        More than 0 cents: what was taken back is a request, no payment. The reference comes back with the
        claim's payments, which tells after a lost answer whether it arrived.
        """
        if cents <= 0:
            raise ValueError(f"{cents} cents: only money that came in is a payment")
        body = {"claim": claim_id, **write_payment(PaymentMade(cents, value_date, reference))}
        return self._ask("POST", "payments/", PaymentAnswer, {"json": body}).id

    def register_webhook(self, url: str, events: Sequence[str], description: str = "") -> str:
        """Has news sent to an HTTPS address; the key that signs them, which is told this once."""
        body = {"url": url, "events": list(events), "description": description}
        return self._ask("POST", "webhooks/", WebhookAnswer, {"json": body}).secret_key

    def exchange_files(self, today: dt.date, *, day_over: bool = False) -> list[str]:
        """None are exchanged."""
        return []


def write_id(value: str) -> str:
    """An id as one segment of an address, whatever is in it."""
    return quote(value, safe="")
