"""After the handover: mandates, questions, payments, webhooks and wishes, between client and sandbox over HTTP."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.jobs.ways.channels import make_partner
from dunning.outside.partner.answers import Answer, MandateAnswer, PartnerRefused, PartnerUnavailable
from dunning.outside.partner.client import PartnerClient
from dunning.outside.partner.talk import advance_handover
from dunning.records.database import transaction
from dunning.rules.partner.wish import Wish, WishKind
from dunning.sandbox.app import SANDBOX_TOKEN
from dunning.sandbox.client import SandboxClient
from dunning.sandbox.deeds import ask_question, decide_request
from dunning.sandbox.tables import SandboxMandate, SandboxRequest
from dunning.settings import Settings
from tests.outside.partner.partner_server import LETTERS, a_handover, make_sandbox, serve

# the sandbox lives in the present: long over and far away, whenever that is
PAID_ON, UNTIL = dt.date(2026, 2, 2), dt.date(2099, 5, 4)


@pytest.fixture
def sandbox(tmp_path: Path) -> Flask:
    return make_sandbox(tmp_path)


@pytest.fixture
def client(sandbox: Flask) -> Iterator[SandboxClient]:
    with serve(sandbox) as url:
        yield SandboxClient(url, SANDBOX_TOKEN, timeout=(2, 5))


def open_mandate(client: PartnerClient, last_name: str = "Muster", reference: str = "r1") -> MandateAnswer:
    """An accepted claim of 1,200 € less 200 €, with costs of 6.12 € and the partner's fee of 100.44 €."""
    handover = a_handover(last_name, reference=reference)
    outcome = advance_handover(client, handover, LETTERS, {}, lambda _: None)
    assert outcome.mandate_id
    return client.get_mandate(outcome.mandate_id)


def ask(sandbox: Flask, mandate_id: str, answer_type: str) -> None:
    """The partner asks."""
    with sandbox.test_request_context(), transaction() as session:
        mandate = session.scalars(select(SandboxMandate).filter_by(id=mandate_id)).one()
        ask_question(session, mandate, "Delivery", "Was it delivered?", answer_type)


def test_a_new_mandate_owes_the_partners_fee_beside_the_claim(client: SandboxClient) -> None:
    balance = open_mandate(client).legal_claim_balance
    assert balance is not None
    assert balance.balance_of_principal_claim.cents == 100_000
    assert balance.costs_cents == 612 + 10_044
    assert balance.total_balance.cents == 110_656


def test_mandates_are_listed_over_all_pages(client: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dunning.outside.partner.wire.PAGE_SIZE", 2)
    opened = [open_mandate(client, reference=f"r{number}").id for number in range(3)]
    assert [mandate.id for mandate in client.list_mandates()] == opened


def test_a_payment_we_report_counts_and_is_found_by_its_reference(client: SandboxClient) -> None:
    claim = open_mandate(client).claims[0].id
    payment = client.report_payment(claim, 50_000, PAID_ON, "pay-7")
    mandate = next(client.list_mandates())
    known = mandate.claims[0].payments
    assert [(p.id, p.amount.cents, p.value_date, p.your_reference) for p in known] == [
        (payment, 50_000, PAID_ON, "pay-7")
    ]
    assert mandate.payment_state == "partially_paid"
    # costs first, then principal (§ 367 BGB)
    assert mandate.legal_claim_balance is not None
    assert mandate.legal_claim_balance.costs_cents == 0
    assert mandate.legal_claim_balance.total_balance.cents == 60_656


def test_the_last_payment_makes_it_fully_paid(client: SandboxClient) -> None:
    mandate = open_mandate(client)
    client.report_payment(mandate.claims[0].id, 110_656, PAID_ON, "pay-8")
    assert client.get_mandate(mandate.id).payment_state == "fully_paid"


@pytest.mark.parametrize("cents", [0, -100])
def test_money_that_went_back_is_no_payment(client: SandboxClient, cents: int) -> None:
    with pytest.raises(ValueError, match="payment"):
        client.report_payment("c", cents, PAID_ON, "pay-9")


def test_only_an_accepted_claim_takes_payments(client: SandboxClient) -> None:
    claim = advance_handover(client, a_handover("SLOW-Muster"), LETTERS, {}, lambda _: None).claim_id
    with pytest.raises(PartnerRefused, match="accepted"):
        client.report_payment(claim, 100, PAID_ON, "pay-1")
    with pytest.raises(PartnerRefused, match="Unknown"):
        client.report_payment("nothing", 100, PAID_ON, "pay-1")


def test_a_question_is_answered_once(client: SandboxClient, sandbox: Flask) -> None:
    mandate = open_mandate(client).id
    ask(sandbox, mandate, "yes-no")
    [question] = client.list_questions(mandate)
    assert (question.title, question.allowed_answer_types, question.answered) == (
        "Delivery",
        ["yes-no"],
        False,
    )
    answered = client.answer_question(mandate, question.id, {"value": "no"})
    assert (answered.answered, answered.model_dump()["answer"]) == (True, {"value": "no"})
    with pytest.raises(PartnerRefused, match="before"):
        client.answer_question(mandate, question.id, {"value": "yes"})


def test_each_webhook_gets_a_key_of_its_own(client: SandboxClient) -> None:
    keys = {client.register_webhook("https://example.org/news", ["mandate.updated"]) for _ in range(2)}
    assert len(keys) == 2
    assert min(map(len, keys)) >= 32


@pytest.mark.parametrize(
    ("url", "events"),
    [("http://example.org/", ["mandate.updated"]), ("https://example.org/", ["mandate.exploded"])],
)
def test_a_webhook_against_the_documentation_is_refused(
    client: SandboxClient, url: str, events: list[str]
) -> None:
    with pytest.raises(PartnerRefused):
        client.register_webhook(url, events)


# --- Wishes, which only the sandbox takes by a call ---


def a_wish(mandate_id: str, kind: WishKind = "cancel", **values: Any) -> Wish:
    return Wish(**{"mandate_id": mandate_id, "kind": kind, "text": "", "reference": "w-1"} | values)


def test_a_hold_pauses_up_to_its_last_day(client: SandboxClient) -> None:
    mandate = open_mandate(client).id
    client.send_request(a_wish(mandate, "hold", text="Please wait.", until=UNTIL))
    paused = client.get_mandate(mandate)
    assert paused.processing_state == "paused"
    assert paused.status_updates[-1].description == f"Until {UNTIL.isoformat()}"


def test_the_same_wish_twice_is_one(client: SandboxClient) -> None:
    mandate = open_mandate(client).id
    ids = {client.send_request(a_wish(mandate, "dispute")) for _ in range(2)}
    assert len(ids) == 1
    assert len(client.get_mandate(mandate).status_updates) == 1


def test_a_cancellation_ends_the_mandate_as_cancelled_by_the_client(client: SandboxClient) -> None:
    mandate = open_mandate(client).id
    client.send_request(a_wish(mandate))
    ended = client.get_mandate(mandate)
    assert (ended.processing_state, ended.legal_stage) == ("canceled_by_client", "ended")


def test_for_a_slow_debtor_a_person_decides(client: SandboxClient, sandbox: Flask) -> None:
    open_mandate(client)
    with sandbox.test_request_context(), transaction() as session:
        session.scalars(select(SandboxMandate)).one().claim.debtor.body = {
            "acting_as": "consumer",
            "person": {"first_name": "Anna", "last_name": "SLOW-Muster"},
        }
    [mandate] = client.list_mandates()
    client.send_request(a_wish(mandate.id))
    assert client.get_mandate(mandate.id).processing_state == "in_progress"
    with sandbox.test_request_context(), transaction() as session:
        assert decide_request(session, session.scalars(select(SandboxRequest)).one(), granted=False)
    refused = client.get_mandate(mandate.id)
    assert refused.processing_state == "in_progress"
    assert refused.status_updates[-1].title == "Your request was refused: cancel"


def test_a_pause_is_over_the_day_after_its_last(client: SandboxClient, sandbox: Flask) -> None:
    mandate = open_mandate(client).id
    client.send_request(a_wish(mandate, "hold", until=UNTIL))
    with sandbox.test_request_context(), transaction() as session:
        session.scalars(select(SandboxMandate)).one().paused_until = PAID_ON
    resumed = client.get_mandate(mandate)
    assert (resumed.processing_state, resumed.status_updates[-1].title) == ("in_progress", "Resumed")


@pytest.mark.parametrize(("kind", "until"), [("hold", None), ("cancel", UNTIL), ("sing", None)])
def test_a_wish_nobody_understands_is_refused(
    client: SandboxClient, kind: str, until: dt.date | None
) -> None:
    mandate = open_mandate(client).id
    body = {"kind": kind, "text": "", "until": until and until.isoformat(), "your_reference": "w-1"}
    with pytest.raises(PartnerRefused):
        client._ask("POST", f"/sandbox-requests/{mandate}/", Answer, {"json": body})


def test_an_unknown_mandate_is_no_refusal(client: SandboxClient) -> None:
    with pytest.raises(PartnerUnavailable, match="404"):
        client.send_request(a_wish("nothing"))


def test_a_partner_without_calls_for_wishes_says_so() -> None:
    partner = PartnerClient("https://partner.example", "t")
    assert not partner.offers_requests
    with pytest.raises(RuntimeError, match="hold"):
        partner.send_request(a_wish("m", "hold", until=UNTIL))


def test_the_token_says_whether_the_sandbox_is_at_the_other_end(sandbox: Flask, tmp_path: Path) -> None:
    def client_of(**variables: str) -> PartnerClient:
        home = {"DUNNING_HOME": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'sandbox.db'}"}
        return make_partner(Settings.from_environment(home | variables))

    assert client_of().offers_requests
    assert client_of(PARTNER_URL="http://127.0.0.1:9", PARTNER_TOKEN="sandbox-x").offers_requests
    assert not client_of(PARTNER_URL="http://127.0.0.1:9", PARTNER_TOKEN="other").offers_requests


def test_in_this_process_the_sandbox_takes_wishes_too(sandbox: Flask, tmp_path: Path) -> None:
    home = {"DUNNING_HOME": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'sandbox.db'}"}
    client = make_partner(Settings.from_environment(home))
    mandate = open_mandate(client).id
    client.send_request(a_wish(mandate))
    assert client.get_mandate(mandate).processing_state == "canceled_by_client"
