"""What the partner's words mean here, value by value, without a database."""

import datetime as dt

import pytest

from dunning.rules.partner.handover import PaymentMade, map_submission
from dunning.rules.partner.news import (
    PartnerPayment,
    Subject,
    Update,
    choose_foreign,
    find_subject,
    is_known,
    list_changes,
    map_mandate,
)

DAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("state", "meaning"),
    [
        *((state, "review") for state in ("created", "released", "under_review", "client_response_pending")),
        ("accepted", "accepted"),
        ("rejected", "rejected"),
        ("escalated", None),
    ],
)
def test_what_a_claims_state_means(state, meaning) -> None:
    assert map_submission(state) == meaning


@pytest.mark.parametrize("payment", ["unpaid", "partially_paid", "fully_paid", "", "generously_paid"])
@pytest.mark.parametrize(
    ("processing", "meaning"),
    [
        ("in_progress", "collecting"),
        ("paused", "paused"),
        ("canceled_by_client", "terminated"),
        ("canceled_by_service_provider", "terminated"),
        ("resting", None),
        ("", None),
    ],
)
def test_until_the_end_processing_alone_decides(processing, payment, meaning) -> None:
    assert map_mandate(processing, payment) == meaning


@pytest.mark.parametrize(
    ("payment", "meaning"),
    [
        ("fully_paid", "paid"),
        ("partially_paid", "unsuccessful"),
        ("unpaid", "unsuccessful"),
        ("generously_paid", None),
        ("", None),
    ],
)
def test_an_ended_mandate_means_what_was_paid(payment, meaning) -> None:
    assert map_mandate("ended", payment) == meaning


def test_values_that_are_not_documented_are_told_apart() -> None:
    assert is_known("legal_stage", "judicial_dunning")
    assert is_known("legal_stage", "")
    assert not is_known("legal_stage", "moon")
    assert not is_known("processing_state", "fully_paid")
    assert is_known("payment_state", "fully_paid")
    assert is_known("submission_state", "released")


def states(legal: str = "", processing: str = "", payment: str = "") -> dict[str, str]:
    return {"legal_stage": legal, "processing_state": processing, "payment_state": payment}


def test_what_a_new_mandate_begins_with_is_no_news() -> None:
    assert list(list_changes(states(), states("extrajudicial", "in_progress", "unpaid"))) == []


def test_what_is_new_is_news_and_silence_is_none() -> None:
    before = states("extrajudicial", "in_progress", "unpaid")
    assert list(list_changes(before, states("judicial_dunning", "in_progress", ""))) == [
        ("legal_stage", "judicial_dunning")
    ]
    assert list(list_changes(states(processing="paused"), states(processing="in_progress"))) == [
        ("processing_state", "in_progress")
    ]


def test_payments_with_our_reference_are_ours() -> None:
    ours = PartnerPayment("1", 50_00, DAY, "abc")
    theirs = PartnerPayment("2", 50_00, DAY)
    assert choose_foreign([ours, theirs], []) == (theirs,)


def test_a_payment_that_went_along_with_the_claim_is_ours_once() -> None:
    payments = [PartnerPayment(str(n), 50_00, DAY) for n in range(2)]
    assert choose_foreign(payments, [PaymentMade(50_00, DAY)]) == (payments[1],)
    assert choose_foreign(payments, [PaymentMade(50_00, DAY + dt.timedelta(1))]) == tuple(payments)


def test_an_update_is_known_by_its_id_or_else_by_all_it_says() -> None:
    assert Update("a", "b", {"id": "7", "title": "a"}).key == "update:7"
    one, same, other = (
        Update("a", "b", content)
        for content in ({"title": "a", "x": 1}, {"x": 1, "title": "a"}, {"x": 2, "title": "a"})
    )
    assert one.key == same.key != other.key


@pytest.mark.parametrize(
    ("event", "data", "subject"),
    [
        ("claim.updated", {"id": "C1"}, Subject(claim_id="C1")),
        ("claim.updated", {"claim": {"id": "C1"}, "mandate": "M1"}, Subject("M1", "C1")),
        ("mandate.closed", {"mandate_id": 5}, Subject(mandate_id="5")),
        ("payment.created", {"id": "P1", "claim": "C1"}, Subject(claim_id="C1")),
        ("request_to_client.created", {"id": "Q1", "mandate": None}, Subject()),
        ("statement.created", {}, Subject()),
        ("mandate.exploded", {"id": "M1"}, None),
        ("weather.created", {}, None),
        ("claim", {"id": "C1"}, None),
    ],
)
def test_what_a_webhook_wants_us_to_look_at(event, data, subject) -> None:
    assert find_subject(event, data) == subject
