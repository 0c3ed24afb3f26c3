"""What the vendor chose for the end: the order is cancelled, with or without the partner, or a court follows."""

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.at_partner.end_mandate import end_mandate
from dunning.actions.case.reopen import reopen_case
from dunning.records import db
from dunning.records.effects import Effect
from dunning.records.partner import CancellationRequest
from dunning.sandbox.tables import SandboxClaim
from tests.builders import (
    a_case,
    a_desk,
    a_vendor,
    after,
    an_actor,
    an_order,
    an_order_row,
    find_case,
    find_receivable,
    import_rows,
    order_of,
    play_until,
    read_case,
    read_dossier,
    states_of,
)

pytestmark = pytest.mark.usefixtures("quick_press")

GAVE_UP = {"terminated": False, "reason": "nothing to seize"}


def handed_over(receivable_id: int) -> bool:
    """Whether a handover was ever tried."""
    query = select(Effect).where(Effect.receivable_id == receivable_id, Effect.kind == "handover")
    found = db.session.scalars(query).first() is not None
    db.session.rollback()
    return found


@pytest.mark.parametrize("threshold", [0, 10_000_00], ids=["consented", "without consent"])
def test_scheme_1_cancels_the_order_and_the_partner_never_hears_of_it(
    each_app: Flask, threshold: int
) -> None:
    case_id = a_case("running", vendor={"incasso_schema": 1, "handover_threshold": threshold})
    play_until(after(36))
    case, order = read_case(case_id), order_of(case_id)
    assert (case.status, case.ended_on) == ("cancelled", order.cancelled_on)
    assert after(33) <= order.cancelled_on <= after(36)
    assert not handed_over(case.receivable_id)
    assert "handover" not in states_of(case.receivable_id)


@pytest.mark.parametrize(
    ("scheme", "end"), [(1, None), (2, 60)], ids=["at its own end", "at the partner's end"]
)
def test_of_a_cancelled_order_future_instalments_get_no_steps(
    each_app: Flask, scheme: int, end: int | None
) -> None:
    order_id = an_order(a_vendor(incasso_schema=scheme), rates=5)
    play_until(after(end or 36))
    if end:
        end_mandate(find_case(find_receivable(order_id)), a_desk(after(end)), **GAVE_UP)
    play_until(after(200))
    for rate in (4, 5):
        future = read_dossier(find_receivable(order_id, rate))
        assert (future.case, future.steps, future.receivable.next_step_on) == (None, [], None)
        assert [entry.kind for entry in future.entries] == ["principal"]


def test_a_reopened_case_of_scheme_1_takes_back_the_cancellation_of_its_order(each_app: Flask) -> None:
    order_id = an_order(a_vendor(incasso_schema=1), rates=5)
    play_until(after(36))
    first = find_case(find_receivable(order_id))
    assert (read_case(first).status, order_of(first).cancelled_on is None) == ("cancelled", False)
    reopen_case(first, "a promise by phone", an_actor(first, "support"), a_desk(after(36)))
    assert (read_case(first).status, order_of(first).cancelled_on) == ("running", None)
    fourth = read_dossier(find_receivable(order_id, 4))
    assert fourth.receivable.next_step_kind == "upcoming_reminder"


def test_reopening_brings_no_order_back_that_the_platform_cancelled(app: Flask) -> None:
    case_id = a_case("running")
    order = order_of(case_id)
    row = an_order_row(order.vendor_id, order_id=order.order_id, payment_status="cancelled")
    import_rows(row, on=after(20))
    reopen_case(case_id, "a mistake", an_actor(case_id, "support"), a_desk(after(21)))
    assert order_of(case_id).cancelled_on is not None


def test_scheme_2_asks_the_partner_first_about_another_instalment_that_is_there(each_app: Flask) -> None:
    order_id = an_order(rates=2)
    play_until(after(72))
    first, second = (find_case(find_receivable(order_id, rate)) for rate in (1, 2))
    assert read_case(second).status == "handed_over"
    end_mandate(first, a_desk(after(72)), **GAVE_UP)
    assert (read_case(first).status, read_case(second).status) == ("closed", "handed_over")
    (asked,) = db.session.scalars(select(CancellationRequest)).all()
    assert (asked.case_id, asked.asked_by, asked.fee_cents) == (second, "system", 0)


def test_scheme_3_ends_the_case_alone_and_later_instalments_go_on(app: Flask) -> None:
    order_id = an_order(a_vendor(incasso_schema=3), rates=2)
    play_until(after(40))
    end_mandate(find_case(find_receivable(order_id)), a_desk(after(40)), **GAVE_UP)
    play_until(after(72))
    assert [read_case(find_case(find_receivable(order_id, rate))).status for rate in (1, 2)] == [
        "closed",
        "handed_over",
    ]


@pytest.mark.parametrize(("scheme", "wishes"), [(2, []), (3, ["desired_procedure"])])
def test_only_scheme_3_tells_the_partner_that_a_court_is_wanted_and_never_starts_there(
    app: Flask, scheme: int, wishes: list[str]
) -> None:
    a_case("handed_over", vendor={"incasso_schema": scheme})
    claim = db.session.scalars(select(SandboxClaim)).one()
    assert claim.body["starting_approach"] == "extrajudicial"
    assert [wish["type"] for wish in claim.body["metadata"]] == wishes
