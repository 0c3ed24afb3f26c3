"""The collection partner's API (Paywise Case Management API, version 1), one call per method.

Every method raises PartnerRefused or PartnerUnavailable when it fails; nothing is retried here. `handover_talk`
asks the partner before it sends anything again.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Protocol
from urllib.parse import quote

import requests

from dunning.outside.agency.agency import FilePartner, find_folder
from dunning.outside.partner.answers import (
    Answer,
    ClaimAnswer,
    MandateAnswer,
    PaymentAnswer,
    QuestionAnswer,
    WebhookAnswer,
)
from dunning.outside.partner.port import Partner
from dunning.outside.partner.wire import PartnerWire
from dunning.rules.partner.handover import Handover, PaymentMade
from dunning.rules.partner.payload import claim_payload, debtor_payload, write_day, write_payment
from dunning.rules.partner.wish import Wish
from dunning.sandbox.app import SANDBOX_TOKEN
from dunning.sandbox.transport import IN_PROCESS_ORIGIN, IN_PROCESS_URL, SandboxTransport

UNDATED = dt.datetime.min.replace(tzinfo=dt.UTC)
# what the sandbox's own tokens begin with
SANDBOX_MARK = "sandbox-"


class PartnerSettings(Protocol):
    """The part of the settings that says which partner there is."""

    @property
    def partner_url(self) -> str | None: ...
    @property
    def partner_token(self) -> str | None: ...
    @property
    def database_url(self) -> str: ...


class PartnerClient(PartnerWire):
    """Speaks with the partner, in documented words only."""

    # what it cannot do without: `rules.handover.REQUIRED_FIELDS`
    adapter = "paywise"
    # a hold or a cancellation has no documented call: it goes as a mail
    offers_requests = False

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

    def archive_mandate(self, mandate_id: str) -> MandateAnswer:
        """Puts a mandate away at the partner; it can still be read."""
        return self._ask(
            "PATCH", f"mandates/{write_id(mandate_id)}/", MandateAnswer, {"json": {"archived": True}}
        )

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

    def send_request(self, wish: Wish) -> str:
        """RuntimeError: there is no call for it."""
        raise RuntimeError(f"this partner has no call for a {wish.kind}")

    def exchange_files(self, today: dt.date, *, day_over: bool = False) -> list[str]:
        """None are exchanged."""
        return []


class SandboxClient(PartnerClient):
    """The built-in sandbox takes wishes by a call of its own, outside of the documented API."""

    offers_requests = True

    def send_request(self, wish: Wish) -> str:
        """Money stands in the text only. It shows in the mandate's `processing_state` whether the wish was granted."""
        body = {"kind": wish.kind, "text": wish.text, "until": write_day(wish.until)}
        body["your_reference"] = wish.reference
        path = f"/sandbox-requests/{write_id(wish.mandate_id)}/"
        return self._ask("POST", path, Answer, {"json": body}).id


def write_id(value: str) -> str:
    """An id as one segment of an address, whatever is in it."""
    return quote(value, safe="")


def make_client(settings: PartnerSettings) -> Partner:
    """The partner of PARTNER_URL; without one the sandbox, in this process and on the same database."""
    if settings.partner_url and settings.partner_url.startswith("file:"):
        return FilePartner(find_folder(settings.partner_url))
    token = settings.partner_token or SANDBOX_TOKEN
    if settings.partner_url:
        kind = SandboxClient if token.startswith(SANDBOX_MARK) else PartnerClient
        return kind(settings.partner_url, token)
    session = requests.Session()
    session.mount(IN_PROCESS_ORIGIN, SandboxTransport(settings.database_url, token))
    return SandboxClient(IN_PROCESS_URL, token, session)
