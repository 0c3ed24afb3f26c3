"""Somebody acts while the claim is handed over: never both, never neither (F16)."""

import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.case.block import block_case
from dunning.actions.dossier.refusals import InReview
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.records import db, transaction
from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.rules.statuses import Refused
from dunning.sandbox.review import accept_claim
from dunning.sandbox.tables import SandboxClaim
from dunning.work import Actor
from tests.builders import (
    a_desk,
    a_user,
    a_vendor,
    after,
    an_order_row,
    empty_queue,
    import_rows,
    order_of,
    pay,
    read_case,
    read_history,
)
from tests.faults.racing import Race, cancelling, racers

pytestmark = pytest.mark.usefixtures("quick_press")

MANY, ROUNDS, FEWER = 200, 60, 12
TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}


@pytest.fixture
def race(each_app: Flask) -> Iterator[Race]:
    """Two at once, on either database."""
    with racers(each_app, 2) as together:
        yield together


def due_handovers(vendor_id: int, rounds: int, **order: str) -> list[tuple[int, int]]:
    """(case, effect) of so many handovers that are due."""
    import_rows(*(an_order_row(vendor_id, **TAKEN_BACK | order) for _ in range(rounds)), on=after(1))
    run_day(a_desk(after(1)))
    query = select(Case.id, Effect.id).join(Effect, Effect.receivable_id == Case.receivable_id)
    pairs = [(case_id, effect_id) for case_id, effect_id in db.session.execute(query.order_by(Case.id))]
    db.session.rollback()
    assert len(pairs) == rounds
    return pairs


def a_vendor_and_user() -> tuple[int, Actor]:
    vendor_id = a_vendor(auto_chargebacks=True)
    return vendor_id, Actor("vendor", a_user(vendor_id=vendor_id), vendor_id)


def handing_over(effect_id: int) -> Callable[[], str]:
    return lambda: str(carry_out(effect_id))


def delayed(act: Callable[[], str], seconds: float) -> Callable[[], str]:
    """The same a moment later."""

    def wait_and_act() -> str:
        time.sleep(seconds)
        return act()

    return wait_and_act


def count_released() -> int:
    """How many claims the partner works on."""
    db.session.rollback()
    released = select(SandboxClaim.id).where(SandboxClaim.submission_state != "created")
    return len(db.session.scalars(released).all())


def list_in_review() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Case.id).where(Case.claim_in_review)))


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(MANY, marks=pytest.mark.long)])
def test_cancel_against_handover_is_never_both_and_never_neither(race: Race, rounds: int) -> None:
    vendor_id, actor = a_vendor_and_user()
    ends: Counter[str] = Counter()
    for number, (case_id, effect_id) in enumerate(due_handovers(vendor_id, rounds)):
        # from far too early to far too late
        cancel = delayed(cancelling(case_id, actor, after(1)), number % 20 / 1000)
        cancelled, _ = race(cancel, handing_over(effect_id))
        status = read_case(case_id).status
        assert status == ("cancelled" if cancelled == "cancelled" else "handed_over")
        ends[status] += 1
    assert count_released() == ends["handed_over"]
    assert list_in_review() == []
    assert len(ends) == 2  # else nothing was tried here


def test_cancel_against_an_acceptance_is_refused_whoever_is_first(race: Race) -> None:
    vendor_id, actor = a_vendor_and_user()
    pairs = due_handovers(vendor_id, FEWER, last_name="SLOW-Muster")
    empty_queue()
    assert len(list_in_review()) == FEWER
    for number, (case_id, effect_id) in enumerate(pairs, start=1):
        with transaction() as session:
            accept_claim(session, session.get_one(SandboxClaim, number))
            session.get_one(Effect, effect_id).not_before = read_now()
        cancelled, _ = race(cancelling(case_id, actor, after(1)), handing_over(effect_id))
        assert (cancelled, read_case(case_id).status) == ("refused", "handed_over")
    assert list_in_review() == []


def test_block_against_handover_is_never_both_and_never_neither(race: Race) -> None:
    vendor_id, _ = a_vendor_and_user()
    support = Actor("support", a_user("support"), None)
    ends: Counter[str] = Counter()
    for number, (case_id, effect_id) in enumerate(due_handovers(vendor_id, FEWER)):

        def block(wanted: int = case_id) -> str:
            try:
                block_case(wanted, "unsure", support, a_desk(after(1)))
            except (Refused, InReview):
                return "refused"
            return "blocked"

        blocked, _ = race(delayed(block, number / 500), handing_over(effect_id))
        status = read_case(case_id).status
        assert status == ("blocked" if blocked == "blocked" else "handed_over")
        ends[status] += 1
    assert count_released() == ends["handed_over"]
    assert list_in_review() == []


def test_a_payment_against_handover_is_paid_and_no_claim_is_left_unnoticed(race: Race) -> None:
    """Paid first: nothing is released. Paid later: the case says which claim there is, and the partner hears of it."""
    vendor_id, _ = a_vendor_and_user()
    released = 0
    for number, (case_id, effect_id) in enumerate(due_handovers(vendor_id, FEWER)):
        order_id = order_of(case_id).order_id
        pay(order_id, 100_00, after(0), booked=after(1))

        def pay_again(wanted: str = order_id) -> str:
            pay(wanted, 100_00, after(1))
            return "paid"

        race(delayed(pay_again, number / 500), handing_over(effect_id))
        case, verbs = read_case(case_id), [row.verb for row in read_history(case_id)]
        assert case.status == "paid"
        assert ("accept_claim" in verbs) + ("late_acceptance" in verbs) == bool(case.claim_id)
        released += bool(case.claim_id)
    assert count_released() == released
    assert list_in_review() == []
