"""The client says only what the partner's documentation knows, whatever claim it is about, and the sandbox takes it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.outside.partner.client import PartnerClient
from dunning.outside.partner.talk import advance_handover
from dunning.records.database import transaction
from dunning.sandbox.app import SANDBOX_TOKEN
from dunning.sandbox.deeds import ask_question
from dunning.sandbox.tables import SandboxMandate
from tests.builders import DUE, a_receivable, a_vendor, after, pay, play_until, read_dossier
from tests.outside.partner.partner_server import LETTERS, a_handover, make_sandbox, serve

MONEY = {"value", "currency"}
METADATA = {"type", "value"}
EVENT = {"type", "title", "occurence", "your_reference", "description", "location"}
PAYMENT = {"your_reference": None, "amount": MONEY, "value_date": None, "metadata": METADATA}
# fields by call, as the documentation lists them: a set ends there, a mapping goes deeper
DOCUMENTED: dict[str, Any] = {
    "POST debtors/": {
        "acting_as": None,
        "person": {"salutation", "first_name", "last_name", "birth_date"},
        "organization": {"name"},
        "addresses": {"street", "zip", "city", "country"},
        "communication_channels": {"type", "value"},
        "bank_accounts": {"iban", "bic"},
        "your_reference": None,
        "metadata": METADATA,
        "events": EVENT,
    },
    "POST claims/": {
        **dict.fromkeys(
            (
                "debtor",
                "your_reference",
                "document_reference",
                "subject_matter",
                "occurence_date",
                "document_date",
                "due_date",
                "reminder_date",
                "delay_date",
                "starting_approach",
                "claim_disputed",
                "obligation_fulfilled",
            )
        ),
        "main_claim_amount": MONEY,
        "total_claim_amount": MONEY,
        "items": {"description": None, "quantity": None, "unit": None, "amount": MONEY},
        "additional_charges_amount": MONEY,
        "additional_charges": {
            **dict.fromkeys(("type", "your_reference", "document_reference", "subject_matter")),
            **dict.fromkeys(("occurence_date", "document_date", "due_date")),
            "amount": MONEY,
            "metadata": METADATA,
            "events": EVENT,
        },
        "payments": PAYMENT,
        "metadata": METADATA,
    },
    "POST claims/ID/documents/": None,
    "PATCH claims/ID/": {"submission_state", "send_order_confirmation"},
    "GET claims/": {"your_reference", "limit", "offset"},
    "GET claims/ID/": set(),
    "GET mandates/": {"limit", "offset"},
    "GET mandates/ID/": set(),
    "GET mandates/ID/requests-to-client/": {"limit", "offset"},
    # what an answer holds follows its type
    "POST mandates/ID/requests-to-client/ID/answer/": {"answer": None},
    "POST payments/": {"claim": None, **PAYMENT},
    "POST webhooks/": {"url", "events", "description"},
}
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass
class Recorder:
    """Passes on to the sandbox and keeps what was said and how it was answered."""

    app: Flask
    said: list[tuple[str, Any]] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(raw)
        path = IDS.sub("ID", environ["PATH_INFO"].removeprefix("/v1/"))
        is_json = environ.get("CONTENT_TYPE") == "application/json"
        body = json.loads(raw) if is_json else dict(parse_qsl(environ["QUERY_STRING"]))
        self.said.append((f"{environ['REQUEST_METHOD']} {path}", body))

        def answer(status: str, *more: Any) -> Any:
            self.statuses.append(status)
            return start(status, *more)

        return self.app(environ, answer)

    def bodies(self, call: str) -> list[Any]:
        return [body for said, body in self.said if said == call]


@pytest.fixture
def partner(tmp_path: Path) -> Recorder:
    return Recorder(make_sandbox(tmp_path))


@pytest.fixture
def client(partner: Recorder) -> Iterator[PartnerClient]:
    with serve(partner) as url:
        yield PartnerClient(url, SANDBOX_TOKEN, timeout=(2, 5))


def find_undocumented(body: Any, known: Any, path: str = "") -> list[str]:
    """Fields that are not in the documentation, by their path; lists have the fields of their entries."""
    if isinstance(body, list):
        return [found for entry in body for found in find_undocumented(entry, known, path)]
    if not isinstance(body, dict) or known is None:
        return []
    inner = known if isinstance(known, dict) else dict.fromkeys(known)
    own = [f"{path}{name}" for name in body if name not in inner]
    deeper = [
        found
        for name, value in body.items()
        if name in inner
        for found in find_undocumented(value, inner[name], f"{path}{name}.")
    ]
    return own + deeper


def check_words(partner: Recorder) -> None:
    """Every call is documented, so is every field of it, and nothing was refused."""
    assert {call for call, _ in partner.said} <= DOCUMENTED.keys()
    assert [(call, find_undocumented(body, DOCUMENTED[call])) for call, body in partner.said] == [
        (call, []) for call, _ in partner.said
    ]
    assert {status[:3] for status in partner.statuses} <= {"200", "201"}


def test_a_field_nobody_documented_would_be_found() -> None:
    body = {"addresses": [{"street": "A 1", "floor": "3"}], "mood": "good"}
    assert find_undocumented(body, DOCUMENTED["POST debtors/"]) == ["mood", "addresses.floor"]


@pytest.mark.usefixtures("quick_press")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_real_claims_of_every_kind_are_handed_over_in_documented_words(
    partner: Recorder, make_app: Callable[..., Flask]
) -> None:
    with serve(partner) as url:
        make_app(PARTNER_URL=url, PARTNER_TOKEN="not-the-sandboxs")
        partner.app.config["SANDBOX_TOKEN"] = "not-the-sandboxs"
        vendor = a_vendor(auto_chargebacks=True, name="V" * 255)
        court = a_vendor(incasso_schema=3)
        a_receivable(vendor)
        a_receivable(vendor, company="Muster AG")
        taken_back = {"payment_method": "paypal", "payment_status": "charged_back"}
        a_receivable(vendor, **taken_back)
        a_receivable(vendor, first_name="F" * 120, last_name="L" * 120, product_name="P" * 400)
        a_receivable(court, details="Hinterhaus, 3. Stock, bei Muster")
        part_paid = read_dossier(a_receivable(vendor)).order.order_id
        play_until(after(20))
        pay(part_paid, 40_00, after(20))
        play_until(after(36))
    assert len(partner.bodies("PATCH claims/ID/")) == 6
    claims = partner.bodies("POST claims/")
    assert {claim["document_reference"] for claim in claims} >= {part_paid}
    assert any(claim.get("payments") for claim in claims)
    assert any("reminder_date" not in claim for claim in claims)
    assert any("organization" in debtor for debtor in partner.bodies("POST debtors/"))
    assert any(claim.get("metadata") for claim in claims)
    check_words(partner)


def test_all_later_calls_use_documented_words(partner: Recorder, client: PartnerClient) -> None:
    outcome = advance_handover(client, a_handover(), LETTERS, {}, lambda _: None)
    mandate = outcome.mandate_id or ""
    with partner.app.test_request_context(), transaction() as session:
        row = session.scalars(select(SandboxMandate)).one()
        ask_question(session, row, "Delivery", "", "yes-no-freetext-on-no")
    [question] = client.list_questions(mandate)
    client.answer_question(mandate, question.id, {"value": "no", "text": "Lost by the carrier."})
    client.report_payment(outcome.claim_id, 1_00, DUE, "p-1")
    client.report_payment(outcome.claim_id, 1_00, DUE, "p" * 400)
    client.register_webhook("https://example.org/partner/webhook", ["mandate.updated", "payment.created"])
    client.get_claim(outcome.claim_id)
    client.get_mandate(mandate)
    assert len(list(client.list_mandates())) == 1
    assert {call for call, _ in partner.said} == DOCUMENTED.keys()
    check_words(partner)
