"""Looking at the partner: the poll finds everything, a webhook finds it sooner, whichever comes first."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from itertools import count, permutations
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.at_partner.deliveries import list_new, store_delivery
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.jobs.partner.look import poll_partner
from dunning.jobs.partner.news import follow_deliveries
from dunning.jobs.ways.channels import thread_channels
from dunning.records import db, transaction
from dunning.records.journal import Heartbeat
from dunning.records.partner import Mandate, PartnerDelivery, PartnerQuestion
from dunning.sandbox import deeds
from dunning.sandbox.app import SANDBOX_TOKEN
from dunning.sandbox.review import accept_claim
from dunning.sandbox.tables import SandboxClaim, SandboxMandate
from tests.actions.at_partner.partner_says import TAKEN_BACK, find_mandate, list_news
from tests.builders import (
    a_desk,
    a_desk_now,
    a_receivable,
    a_vendor,
    after,
    empty_queue,
    find_case,
    find_effect,
    read_case,
    read_case_dossier,
)
from tests.outside.partner.partner_server import FaultyServer, make_sandbox, serve

pytestmark = pytest.mark.usefixtures("quick_press")

EVENTS = ("claim.updated", "mandate.created", "mandate.updated", "payment.created", "mandate.closed")
numbers = count(1)


@pytest.fixture
def partner(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[FaultyServer]:
    """The sandbox behind HTTP, with faults to order; the app hands over to it."""
    faulty = FaultyServer(make_sandbox(tmp_path))
    with serve(faulty) as url:
        faulty.shop = make_app(PARTNER_URL=url, PARTNER_TOKEN=SANDBOX_TOKEN)
        yield faulty


def a_case_there(**order: Any) -> int:
    """A chargeback that was handed over on the day after its due date; returns the case."""
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK | order)
    run_day(a_desk(after(1)))
    empty_queue()
    return find_case(receivable_id)


def client_of(partner: FaultyServer):
    return thread_channels(partner.shop.config["SETTINGS"]).partner


def poll(partner: FaultyServer):
    return poll_partner(client_of(partner), a_desk_now())


def do(
    partner: FaultyServer, deed: Callable[..., object], *words: Any, number: int = 1, **named: Any
) -> None:
    """What somebody does at the partner's desk."""
    with partner.app.app_context(), transaction() as session:
        deed(session, session.get_one(SandboxMandate, number), *words, **named)


def tell(partner: FaultyServer, event: str, **data: Any) -> None:
    """A webhook arrives."""
    store_delivery(f"D{next(numbers)}", event, {"event": event, "data": data}, read_now())


def follow(partner: FaultyServer) -> list[tuple[str, str]]:
    """Webhooks are looked at; (state, reason) of all."""
    follow_deliveries(client_of(partner), a_desk_now())
    db.session.rollback()
    rows = db.session.scalars(select(PartnerDelivery).order_by(PartnerDelivery.id)).all()
    return [(row.state, row.reason) for row in rows]


def test_the_balance_is_here_as_soon_as_the_claim_is_accepted(partner) -> None:
    mandate = find_mandate(a_case_there())
    assert mandate.reference_number.startswith("SB-")
    assert (mandate.principal_cents, mandate.processing_state) == (100_00, "in_progress")
    assert (
        mandate.balance_cents
        == mandate.principal_cents + mandate.interest_cents + mandate.costs_cents
        > 100_00
    )


def test_a_poll_takes_over_what_has_changed_and_only_that(partner) -> None:
    case_ids = [a_case_there()]
    poll(partner)
    assert poll(partner).changed == 0
    do(partner, deeds.book_payment, 30_00, after(40))
    do(partner, deeds.advance_stage)
    tally = poll(partner)
    assert (tally.mandates, tally.changed, tally.failed) == (1, 1, 0)
    mandate = find_mandate(case_ids[0])
    assert (mandate.legal_stage, mandate.paid_cents) == ("judicial_dunning", 30_00)
    assert ("payment", "3000") in list_news(case_ids[0])
    assert [e.cents for e in read_case_dossier(case_ids[0]).entries if e.source == "partner"] == [-30_00]
    assert poll(partner).changed == 0


def test_a_poll_notes_the_exchange_for_the_vendors_page(partner) -> None:
    a_case_there()
    before = read_now()
    poll(partner)
    db.session.rollback()
    assert before <= db.session.get_one(Heartbeat, "partner").at <= read_now()


def test_a_partner_that_is_away_changes_nothing_and_is_told(partner) -> None:
    case_id = a_case_there()
    before = find_mandate(case_id).checked_at
    do(partner, deeds.advance_stage)
    partner.faults[:] = ["down"]
    result = partner.shop.test_cli_runner().invoke(args=["partner", "sync"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the partner cannot be had" in result.stderr
    assert find_mandate(case_id).checked_at == before
    again = partner.shop.test_cli_runner().invoke(args=["partner", "sync"])
    assert again.exit_code == 0
    assert json.loads(again.stdout) == {
        "mandates": 1, "changed": 1, "reviewed": 0, "questions": 0, "failed": 0,
    }  # fmt: skip


def test_a_mandate_that_fails_stops_no_other(partner, monkeypatch) -> None:
    vendor_id = a_vendor(auto_chargebacks=True)
    receivables = [a_receivable(vendor_id, **TAKEN_BACK) for _ in range(3)]
    run_day(a_desk(after(1)))
    empty_queue()
    cases = [find_case(receivable_id) for receivable_id in receivables]
    for number in (1, 2, 3):
        do(partner, deeds.advance_stage, number=number)
    with transaction() as session:  # the rules choke on it
        session.get_one(Mandate, find_mandate(cases[1]).id).answer = {"updated": "yesterday"}
    monkeypatch.setattr(
        "dunning.jobs.partner.look.find_updated",
        lambda _session, ids: dict.fromkeys(ids, None),
    )
    tally = poll(partner)
    assert (tally.changed, tally.failed) == (2, 1)
    stages = {case_id: find_mandate(case_id).legal_stage for case_id in cases}
    assert [stages[case_id] for case_id in cases] == ["judicial_dunning", "extrajudicial", "judicial_dunning"]


def test_claims_under_review_are_asked_after_at_once(partner) -> None:
    case_id = a_case_there(last_name="SLOW-Muster")
    with partner.app.app_context(), transaction() as session:
        accept_claim(session, session.get_one(SandboxClaim, 1))
    empty_queue()
    assert read_case(case_id).claim_in_review
    assert poll(partner).reviewed == 1
    empty_queue()
    assert (read_case(case_id).status, find_mandate(case_id).balance_cents > 0) == ("handed_over", True)


def test_questions_are_kept_once_and_known_as_answered(partner) -> None:
    case_id = a_case_there()
    do(partner, deeds.ask_question, "Ware geliefert?", "Bitte ja oder nein.", "yes-no")
    assert [poll(partner).questions for _ in range(2)] == [1, 0]
    db.session.rollback()
    (question,) = db.session.query(PartnerQuestion).all()
    assert (question.case_id, question.title, question.answer_types) == (
        case_id,
        "Ware geliefert?",
        ["yes-no"],
    )
    client_of(partner).answer_question(question.mandate_id, question.request_id, {"value": "yes"})
    poll(partner)
    db.session.rollback()
    assert db.session.query(PartnerQuestion).one().acknowledged_at


def test_a_webhook_about_a_claim_under_review_wakes_its_handover(partner) -> None:
    case_id = a_case_there(last_name="SLOW-Muster")
    claim_id = find_effect("handover").evidence["claim_id"]
    with partner.app.app_context(), transaction() as session:
        accept_claim(session, session.get_one(SandboxClaim, 1))
    tell(partner, "claim.updated", claim=claim_id)
    assert follow(partner) == [("applied", "")]
    empty_queue()
    assert read_case(case_id).status == "handed_over"


def test_a_webhook_that_is_quicker_than_the_answer_waits_for_it(partner) -> None:
    seen: list[list[tuple[str, str]]] = []
    plain = partner.app

    def meddle(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        answer = plain(environ, start)
        if environ["REQUEST_METHOD"] == "PATCH":
            claim_id = environ["PATH_INFO"].split("/")[3]
            with partner.shop.app_context():
                tell(partner, "claim.updated", id=claim_id)
                seen.append(follow(partner))
                db.session.remove()
        return answer

    partner.app = meddle
    case_id = a_case_there()
    partner.app = plain
    assert seen == [[("new", "a handover is under way")]]
    assert read_case(case_id).status == "handed_over"
    assert follow(partner) == [("applied", "")]
    assert find_mandate(case_id).balance_cents > 0


def test_webhooks_in_every_order_give_the_same_state(partner) -> None:
    case_id = a_case_there()
    do(partner, deeds.book_payment, 30_00, after(40))
    do(partner, deeds.end_paid)
    case = read_case(case_id)
    named = {"claim": case.claim_id, "mandate": case.mandate_id}
    seen = set()
    for order in list(permutations(EVENTS))[::10]:
        for event in order:
            about = "claim" if event.startswith(("claim", "payment")) else "mandate"
            tell(partner, event, **{about: named[about]})
        assert set(follow(partner)) == {("applied", "")}
        case, mandate = read_case(case_id), find_mandate(case_id)
        seen.add((case.status, case.outstanding_cents, mandate.processing_state, mandate.payment_state))
    assert len(seen) == 1
    assert next(iter(seen))[0] == "paid"
    kinds = [kind for kind, _ in list_news(case_id)]
    assert kinds.count("payment") == 2


def test_an_event_nobody_knows_and_a_case_that_is_not_ours_are_ignored_with_the_reason(partner) -> None:
    a_case_there()
    tell(partner, "weather.changed", id="1")
    tell(partner, "mandate.updated", mandate="nobody")
    assert follow(partner) == [("ignored", "an event we do not know"), ("ignored", "answer 404")]


def test_a_webhook_that_names_nothing_is_a_poll(partner) -> None:
    case_id = a_case_there()
    do(partner, deeds.advance_stage)
    tell(partner, "statement.created")
    assert follow(partner) == [("applied", "")]
    assert find_mandate(case_id).legal_stage == "judicial_dunning"


def test_a_webhook_while_the_partner_is_away_is_tried_again_and_given_up_when_the_poll_has_looked(
    partner,
) -> None:
    case_id = a_case_there()
    partner.faults[:] = ["down", "down"]
    tell(partner, "mandate.updated", mandate=read_case(case_id).mandate_id)
    assert follow(partner)[0][0] == "new"
    with transaction() as session:
        session.get_one(PartnerDelivery, list_new(session)[0].id).received_at -= dt.timedelta(hours=2)
    assert follow(partner) == [("ignored", "too old: the poll has looked since")]


def test_a_withdrawn_acceptance_fails_the_case(partner) -> None:
    case_id = a_case_there()
    with partner.app.app_context(), transaction() as session:
        claim = session.get_one(SandboxClaim, 1)
        claim.submission_state, claim.mandate_number, claim.reasons = "rejected", None, ["Irrtum."]
    tell(partner, "claim.updated", claim=read_case(case_id).claim_id)
    assert follow(partner) == [("applied", "")]
    case = read_case(case_id)
    assert (case.status, case.failure_note) == ("failed", "Irrtum.")
