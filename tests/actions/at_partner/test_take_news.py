"""News from the partner: states, balances and the end of a mandate, on both databases."""

from itertools import permutations
from typing import Any

import pytest

from dunning.actions.at_partner.take_news import take_mandate, withdraw_acceptance
from dunning.actions.case.start import start_case
from dunning.actions.to_partner.cancellation import request_cancellation
from dunning.records import db, transaction
from dunning.records.partner import CancellationRequest, Hold
from dunning.rules.partner.news import PartnerPayment, Update
from tests.actions.at_partner.partner_says import (
    cases_at_partner,
    find_mandate,
    hear,
    list_news,
    mandate_news,
)
from tests.builders import (
    NOW,
    a_case,
    a_desk,
    after,
    an_actor,
    empty_queue,
    order_of,
    read_case,
    read_history,
    states_of,
)

pytestmark = pytest.mark.usefixtures("quick_press")


def test_the_partners_balance_is_kept_with_its_file_number(each_app) -> None:
    (case_id,) = cases_at_partner()
    assert hear(case_id)
    mandate = find_mandate(case_id)
    assert (mandate.reference_number, mandate.legal_stage) == ("SB-000001", "extrajudicial")
    assert (mandate.principal_cents, mandate.interest_cents, mandate.costs_cents) == (100_00, 27, 60_00)
    assert (mandate.balance_cents, mandate.paid_cents, mandate.ended_on) == (160_27, 0, None)
    assert mandate.checked_at == a_desk(after(40)).now
    assert read_case(case_id).status == "handed_over"
    assert list_news(case_id) == []


def test_a_mandate_that_is_nobodys_changes_nothing(each_app) -> None:
    (case_id,) = cases_at_partner()
    news = mandate_news(case_id, mandate_id="other", claim_ids=("unknown",))
    assert not take_mandate(news, a_desk(after(40)))
    assert read_case(case_id).status == "handed_over"


def test_a_claim_that_is_still_being_sent_has_no_mandate_here_yet(each_app) -> None:
    case_id = a_case("in_review")
    assert not hear(case_id, mandate_id="M1", claim_ids=("C1",))
    assert read_case(case_id).claim_in_review


@pytest.mark.parametrize(
    ("states", "status", "reason"),
    [
        ({"processing_state": "canceled_by_client"}, "cancelled", "cancelled_on_request"),
        ({"processing_state": "canceled_by_service_provider"}, "cancelled", "cancelled_by_partner"),
        ({"processing_state": "ended"}, "closed", "partner_unsuccessful"),
        ({"processing_state": "ended", "payment_state": "partially_paid"}, "closed", "partner_unsuccessful"),
        ({"processing_state": "ended", "payment_state": "fully_paid"}, "paid", ""),
    ],
)
def test_the_end_of_a_mandate_ends_the_case(each_app, states, status, reason) -> None:
    (case_id,) = cases_at_partner()
    hear(case_id, **states)
    case = read_case(case_id)
    assert (case.status, case.ended_on) == (status, after(40))
    assert find_mandate(case_id).ended_on == after(40)
    assert next(h for h in read_history(case_id) if h.to_status == status).reason == reason
    hear(case_id, minute=1, on=after(41), **states)
    assert (read_case(case_id).status, find_mandate(case_id).ended_on) == (status, after(40))


def test_without_success_scheme_two_cancels_the_order_and_scheme_three_does_not(each_app) -> None:
    (second,), (third,) = (cases_at_partner(vendor={"incasso_schema": scheme}) for scheme in (2, 3))
    for case_id in (second, third):
        hear(case_id, processing_state="ended")
    assert [order_of(case_id).cancelled_on for case_id in (second, third)] == [after(40), None]


def test_a_value_nobody_knows_changes_nothing_and_is_kept(each_app) -> None:
    (case_id,) = cases_at_partner()
    hear(case_id, processing_state="resting", legal_stage="moon", payment_state="generously_paid")
    hear(case_id, minute=1, processing_state="ended", payment_state="generously_paid", legal_stage="moon")
    mandate = find_mandate(case_id)
    assert read_case(case_id).status == "handed_over"
    assert (mandate.legal_stage, mandate.payment_state) == ("moon", "generously_paid")
    assert (mandate.processing_state, mandate.ended_on) == ("ended", None)
    assert ("legal_stage", "moon") in list_news(case_id)


def test_the_court_is_news_and_stays_at_the_partner(each_app) -> None:
    (case_id,) = cases_at_partner(vendor={"incasso_schema": 3})
    hear(case_id, legal_stage="judicial_dunning")
    assert (read_case(case_id).status, find_mandate(case_id).legal_stage) == (
        "handed_over",
        "judicial_dunning",
    )
    assert list_news(case_id) == [("legal_stage", "judicial_dunning")]


def test_the_partners_words_stand_in_the_timeline_once(each_app) -> None:
    (case_id,) = cases_at_partner()
    words = (Update("Brief", "Der erste Brief ging hinaus.", {"id": "7", "title": "Brief"}),)
    for minute in range(3):
        hear(case_id, minute=minute, updates=words)
    assert list_news(case_id) == [("update", "Brief")]


def test_a_paused_mandate_confirms_our_hold(each_app) -> None:
    (case_id,) = cases_at_partner()
    with transaction() as session:
        case = read_case(case_id)
        session.add(
            Hold(vendor_id=case.vendor_id, case_id=case_id, started_on=after(38), until=after(60), created_at=NOW)
        )  # fmt: skip
    hear(case_id, processing_state="paused")
    db.session.rollback()
    assert db.session.query(Hold).one().acknowledged_at == a_desk(after(40)).now
    assert read_case(case_id).status == "handed_over"
    assert list_news(case_id) == [("processing_state", "paused")]


def test_our_request_is_confirmed_and_its_fee_booked_once(each_app) -> None:
    (case_id,) = cases_at_partner()
    request_cancellation(case_id, "neue Bestellung", an_actor(case_id, "support"), a_desk(after(39)))
    for minute in range(2):
        hear(case_id, minute=minute, processing_state="canceled_by_client")
    case = read_case(case_id)
    assert (case.status, case.cancellation_cents) == ("cancelled", 81_24)
    assert db.session.query(CancellationRequest).one().state == "confirmed"


def test_a_partner_that_gives_up_by_itself_costs_no_fee(each_app) -> None:
    (case_id,) = cases_at_partner()
    request_cancellation(case_id, "neue Bestellung", an_actor(case_id, "support"), a_desk(after(39)))
    hear(case_id, processing_state="canceled_by_service_provider")
    case = read_case(case_id)
    assert (case.status, case.cancellation_cents) == ("cancelled", 0)


def test_an_older_answer_that_comes_late_is_left_aside(each_app) -> None:
    (case_id,) = cases_at_partner()
    hear(case_id, minute=5, legal_stage="judicial_dunning")
    hear(case_id, minute=4, balance=1)
    mandate = find_mandate(case_id)
    assert (mandate.legal_stage, mandate.balance_cents) == ("judicial_dunning", 160_27)


def test_looks_in_any_order_end_in_the_same_state(each_app) -> None:
    orders = list(permutations(range(5)))[::8]
    seen = set()
    for order, case_id in zip(orders, cases_at_partner(len(orders)), strict=True):
        first = PartnerPayment(f"{case_id}-1", 30_00, after(39))
        second = PartnerPayment(f"{case_id}-2", 80_00, after(39))
        told: list[dict[str, Any]] = [
            {},
            {"payments": (first,)},
            {"payments": (first,), "legal_stage": "judicial_dunning"},
            {"payments": (first,), "legal_stage": "judicial_dunning", "processing_state": "paused"},
            {
                "payments": (first, second),
                "legal_stage": "ended",
                "processing_state": "ended",
                "payment_state": "fully_paid",
            },
        ]
        for minute in order:
            hear(case_id, minute=minute, **told[minute])
        case, mandate = read_case(case_id), find_mandate(case_id)
        seen.add((case.status, case.outstanding_cents, case.ended_on, mandate.legal_stage, mandate.ended_on))
    assert seen == {("paid", 0, after(40), "ended", after(40))}


def test_an_acceptance_that_is_withdrawn_fails_the_case_and_can_be_started_again(each_app) -> None:
    (case_id,) = cases_at_partner()
    hear(case_id)
    claim_id = read_case(case_id).claim_id
    assert withdraw_acceptance(claim_id, ("Fälschlich angenommen.",), a_desk(after(41)))
    assert not withdraw_acceptance(claim_id, ("Fälschlich angenommen.",), a_desk(after(41)))
    case = read_case(case_id)
    assert (case.status, case.failure_reasons, case.failure_note) == (
        "failed",
        ["rejected"],
        "Fälschlich angenommen.",
    )
    assert (case.handed_over_on, find_mandate(case_id).ended_on) == (None, after(41))
    start_case(case_id, an_actor(case_id), a_desk(after(42)))
    empty_queue()
    assert (read_case(case_id).status, states_of(case.receivable_id)["handover"]) == ("handed_over", "done")
    assert read_case(case_id).claim_id != claim_id
