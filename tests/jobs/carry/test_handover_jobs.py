"""Handovers through a partner that is away, loses answers, takes its time or answers nonsense (F20 and the like)."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from dunning import effects
from dunning.actions.at_partner.take_news import withdraw_acceptance
from dunning.actions.case.correct_address import Address, correct_address
from dunning.actions.case.start import start_case
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.records import db, transaction
from dunning.rules.partner.handover import REQUIRED_FIELDS
from dunning.sandbox.app import SANDBOX_TOKEN
from dunning.sandbox.review import accept_claim, reject_claim
from dunning.sandbox.tables import SandboxClaim
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_vendor,
    after,
    an_actor,
    empty_queue,
    find_effect,
    ledger_of,
    order_of,
    pay,
    play,
    play_until,
    read_case,
    read_dossier,
    read_history,
    states_of,
)
from tests.outside.partner.partner_server import (
    FaultyServer,
    count_documents,
    make_sandbox,
    read_states,
    serve,
)

pytestmark = pytest.mark.usefixtures("quick_press")

MINUTE = dt.timedelta(minutes=1)
TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}


@pytest.fixture
def partner(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[FaultyServer]:
    """The sandbox behind HTTP, with faults to order; the app hands over to it."""
    faulty = FaultyServer(make_sandbox(tmp_path))
    with serve(faulty) as url:
        make_app(PARTNER_URL=url, PARTNER_TOKEN=SANDBOX_TOKEN)
        yield faulty


def a_chargeback(**order) -> int:
    """A case that goes straight to the partner and was tried once; returns its id."""
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK | order)
    run_day(a_desk(after(1)))
    empty_queue()
    return read_dossier(receivable_id).case.id


def pay_anew(case_id: int) -> None:
    """The payment that was taken back becomes known, and the buyer pays once more."""
    pay(order_of(case_id).order_id, 100_00, after(0), booked=after(1))
    pay(order_of(case_id).order_id, 100_00, after(1))
    assert read_case(case_id).status == "paid"


def try_again(times: int = 1, *, minutes: int = 121) -> None:
    for number in range(1, times + 1):
        empty_queue(now=read_now() + number * minutes * MINUTE)


def test_debtor_claim_letters_and_release_in_this_order(partner: FaultyServer) -> None:
    case_id = a_case("handed_over")
    methods = [call.partition(" ")[0] + " " + call.split("/")[2] for call in partner.calls]
    assert methods == [
        "GET claims",
        "POST debtors",
        "POST claims",
        "POST claims",
        "POST claims",
        "PATCH claims",
        "GET mandates",
    ]
    assert (read_states(partner.app), count_documents(partner.app)) == (["accepted"], 2)
    case = read_case(case_id)
    assert (case.claim_in_review, case.handed_over_on) == (False, after(33))
    assert case.claim_id in partner.calls[-2]
    assert case.mandate_id in partner.calls[-1]
    assert find_effect("handover").evidence["released"]
    assert find_effect("handover").their_turn


def test_the_interest_up_to_the_handover_is_posted_with_it(partner: FaultyServer) -> None:
    case_id = a_case("handed_over")
    (interest,) = [e for e in ledger_of(read_case(case_id).receivable_id) if e[0] == "interest"]
    assert interest == ("interest", 27, after(33))
    assert read_case(case_id).outstanding_cents == 100_00 + 1_00 + 27


@pytest.mark.parametrize("fault", ["down", "late", "drop", "nonsense"])
def test_one_claim_comes_of_it_wherever_an_answer_goes_wrong(partner: FaultyServer, fault: str) -> None:
    for position in range(4):
        partner.faults[:] = [None] * position + [fault]
        case_id = a_chargeback()
        assert (read_case(case_id).status, read_case(case_id).claim_in_review) == ("running", True)
        assert find_effect("handover").state == "retry_wait"
        try_again()
        assert read_case(case_id).status == "handed_over"
        assert read_states(partner.app).count("accepted") == position + 1
        assert set(read_states(partner.app)) <= {"accepted", "created"}


def test_a_claim_under_review_is_asked_after_and_its_case_keeps_running(partner: FaultyServer) -> None:
    case_id = a_chargeback(last_name="SLOW-Muster")
    try_again(20, minutes=6)
    effect = find_effect("handover")
    assert (effect.state, effect.last_error) == ("retry_wait", "under review: under_review")
    assert read_states(partner.app) == ["under_review"]
    assert (read_case(case_id).status, read_case(case_id).claim_in_review) == ("running", True)


def test_a_partner_away_during_a_long_review_is_no_reason_to_give_up(partner: FaultyServer) -> None:
    case_id = a_chargeback(last_name="SLOW-Muster")
    try_again(15, minutes=6)
    partner.faults[:] = ["down"]
    try_again(1, minutes=16 * 6)
    decide(partner, "accept")
    try_again(1, minutes=60 * 24)
    assert read_case(case_id).status == "handed_over"


def decide(partner: FaultyServer, decision: str, number: int = 1) -> None:
    """What somebody decides on the sandbox's page."""
    with partner.app.app_context(), transaction() as session:
        claim = session.get_one(SandboxClaim, number)
        if decision == "accept":
            accept_claim(session, claim)
        else:
            reject_claim(session, claim, ["Too old."])


def test_an_acceptance_days_later_is_noted_on_its_own_day(partner: FaultyServer) -> None:
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK, last_name="SLOW-Muster")
    run_day(a_desk(after(1), pinned=False))
    empty_queue(now=a_desk(after(1)).now)
    decide(partner, "accept")
    empty_queue(now=a_desk(after(4)).now)
    case = read_dossier(receivable_id).case
    assert (case.status, case.handed_over_on) == ("handed_over", after(4))
    assert read_history(case.id)[-1].on_date == after(4)


def test_a_rejection_after_review_keeps_the_reasons(partner: FaultyServer) -> None:
    case_id = a_chargeback(last_name="SLOW-Muster")
    decide(partner, "reject")
    try_again()
    case = read_case(case_id)
    assert (case.status, case.failure_reasons, case.failure_note) == ("failed", ["rejected"], "Too old.")
    assert not case.claim_in_review
    assert read_history(case_id)[-1].reason == "Too old."


def read_bodies(partner: FaultyServer) -> list[tuple[dict, dict]]:
    """Claim and debtor as they were sent, oldest first."""
    with partner.app.app_context():
        claims = db.session.scalars(select(SandboxClaim).order_by(SandboxClaim.number))
        return [({"id": claim.id, **claim.body}, claim.debtor.body) for claim in claims]


def test_a_rejected_claim_that_is_started_again_is_a_new_claim_that_names_the_old_one(
    partner: FaultyServer,
) -> None:
    case_id = a_chargeback(last_name="REJECT-Muster")
    first = find_effect("handover")
    assert states_of(read_case(case_id).receivable_id)["handover"] == "superseded"
    start_case(case_id, an_actor(case_id), a_desk(after(2)))
    empty_queue()
    second = find_effect("handover")
    assert second.reference != first.reference
    rounds = [s.round for s in read_dossier(read_case(case_id).receivable_id).steps if s.kind == "handover"]
    assert rounds == [1, 2]
    assert read_states(partner.app) == ["rejected", "rejected"]
    (old, _), (new, _) = read_bodies(partner)
    assert old["metadata"] == []
    assert new["metadata"] == [{"type": "previous_claim", "value": old["id"]}]
    assert new["your_reference"] == second.reference
    assert read_case(case_id).claim_id == new["id"]


def test_the_address_corrected_after_a_rejection_goes_with_the_new_claim(partner: FaultyServer) -> None:
    case_id = a_chargeback(last_name="SLOW-Muster")
    decide(partner, "reject")
    try_again()
    actor = an_actor(case_id)
    correct_address(case_id, Address("Neue Gasse", "7", "", "50667", "Köln", "DE"), actor, a_desk(after(2)))
    assert read_case(case_id).status == "failed"
    start_case(case_id, actor, a_desk(after(2)))
    case = read_case(case_id)
    assert (case.status, case.failure_reasons, case.failure_note) == ("running", [], "")
    empty_queue()
    decide(partner, "accept", 2)
    try_again()
    assert read_case(case_id).status == "handed_over"
    (_, (_, debtor)) = read_bodies(partner)
    assert debtor["addresses"] == [
        {"street": "Neue Gasse 7", "zip": "50667", "city": "Köln", "country": "DE"}
    ]
    assert [row.reason for row in read_history(case_id) if row.verb == "fail"] == ["Too old."]


def test_a_case_whose_acceptance_was_withdrawn_can_be_started_again(partner: FaultyServer) -> None:
    case_id = a_chargeback()
    first = read_case(case_id).claim_id
    assert withdraw_acceptance(first, ("Unknown at this address.",), a_desk(after(3)))
    case = read_case(case_id)
    assert (case.status, case.failure_note) == ("failed", "Unknown at this address.")
    start_case(case_id, an_actor(case_id), a_desk(after(4)))
    empty_queue()
    case = read_case(case_id)
    assert (case.status, case.handed_over_on) == ("handed_over", after(4))
    _, (new, _) = read_bodies(partner)
    assert (case.claim_id, new["metadata"][0]["value"]) == (new["id"], first)


def test_a_claim_refused_before_its_release_is_named_by_the_next_one(partner: FaultyServer) -> None:
    partner.on_call["PATCH claims"] = "refuse"
    case_id = a_chargeback()
    case = read_case(case_id)
    assert (case.status, case.failure_note) == ("failed", "documents: The contract is missing.")
    start_case(case_id, an_actor(case_id), a_desk(after(2)))
    empty_queue()
    (old, _), (new, _) = read_bodies(partner)
    assert new["metadata"] == [{"type": "previous_claim", "value": old["id"]}]
    assert (read_case(case_id).status, read_states(partner.app)) == ("handed_over", ["created", "accepted"])


def test_what_the_partner_requires_and_nobody_has_fails_before_anything_is_sent(
    partner: FaultyServer, monkeypatch
) -> None:
    monkeypatch.setitem(REQUIRED_FIELDS, "paywise", (*REQUIRED_FIELDS["paywise"], "email"))
    case_id = a_chargeback(email="")
    case = read_case(case_id)
    assert (case.status, case.failure_reasons, case.claim_in_review) == ("failed", ["email"], False)
    assert (partner.calls, find_effect("handover").state) == ([], "superseded")
    assert states_of(case.receivable_id)["handover"] == "superseded"
    assert [entry[0] for entry in ledger_of(case.receivable_id)].count("interest") == 0
    assert read_history(case_id)[-1].detail == {"points": ["email"]}


def test_an_acceptance_for_a_case_that_was_paid_changes_no_status(partner: FaultyServer) -> None:
    case_id = a_chargeback(last_name="SLOW-Muster")
    pay_anew(case_id)
    assert (read_case(case_id).status, read_case(case_id).claim_in_review) == ("paid", True)
    decide(partner, "accept")
    try_again()
    case = read_case(case_id)
    assert (case.status, case.claim_in_review, case.handed_over_on) == ("paid", False, None)
    assert case.claim_id
    row = read_history(case_id)[-2]
    assert (row.verb, row.to_status) == ("late_acceptance", None)


def test_a_claim_paid_before_the_partner_knew_of_it_is_not_handed_over(partner: FaultyServer) -> None:
    partner.faults[:] = ["down"]
    case_id = a_chargeback()
    pay_anew(case_id)
    try_again()
    assert read_states(partner.app) == []
    assert (find_effect("handover").state, read_case(case_id).claim_in_review) == ("superseded", False)


def test_a_claim_paid_before_its_release_is_never_released(partner: FaultyServer) -> None:
    partner.on_call["PATCH claims"] = "down"
    case_id = a_chargeback()
    assert find_effect("handover").evidence["claim_id"]
    pay_anew(case_id)
    try_again()
    assert read_states(partner.app) == ["created"]
    assert (find_effect("handover").state, read_case(case_id).claim_in_review) == ("superseded", False)
    assert states_of(read_case(case_id).receivable_id)["handover"] == "superseded"


def test_a_claim_paid_while_the_answer_of_its_release_was_lost_is_an_acceptance_too_late(
    partner: FaultyServer,
) -> None:
    partner.on_call["PATCH claims"] = "drop"
    case_id = a_chargeback()
    pay_anew(case_id)
    try_again()
    assert (read_case(case_id).status, read_states(partner.app)) == ("paid", ["accepted"])
    assert "late_acceptance" in [row.verb for row in read_history(case_id)]
    assert find_effect("partner_cancel").mandate_id == read_case(case_id).mandate_id


def test_a_claim_whose_facts_changed_before_it_began_is_not_handed_over(partner: FaultyServer) -> None:
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK)
    run_day(a_desk(after(1)))
    case_id = read_dossier(receivable_id).case.id
    pay_anew(case_id)
    empty_queue()
    assert (partner.calls, find_effect("handover").state) == ([], "superseded")


def test_what_the_partner_refuses_outright_fails_with_its_words(partner: FaultyServer) -> None:
    case_id = a_chargeback(street="x" * 300)
    try_again()
    case = read_case(case_id)
    assert (case.status, case.claim_in_review) == ("failed", False)
    assert "street" in case.failure_note


def test_a_frozen_claim_is_the_same_however_late_it_goes(partner: FaultyServer) -> None:
    partner.faults[:] = ["down"]
    a_chargeback()
    frozen = find_effect("handover").payload["handover"]
    try_again()
    assert find_effect("handover").payload["handover"] == frozen


def test_the_letters_of_the_case_go_with_its_claim(partner: FaultyServer) -> None:
    case_id = a_case("handed_over")
    evidence = find_effect("handover").evidence
    assert len(evidence["documents"]) == 2
    play(after(60))
    play_until(after(70))
    assert read_states(partner.app) == ["accepted"]
    assert read_case(case_id).status == "handed_over"


def test_a_claim_under_review_holds_up_no_later_day(partner: FaultyServer) -> None:
    a_chargeback(last_name="SLOW-Muster")
    assert find_effect("handover").state == "retry_wait"
    assert effects.count_open(after(1)) == 0


def test_a_claim_the_partner_has_not_got_yet_holds_its_day_open(partner: FaultyServer) -> None:
    partner.faults[:] = ["down"]
    a_chargeback()
    assert effects.count_open(after(1)) == 1
