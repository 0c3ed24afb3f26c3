"""Killed at every commit while the partner is told something: a payment arrives once, a request at least once.

The commits are listed by name: a new one without an expectation fails the first test.
"""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.run_day import run_day
from dunning.actions.to_partner.hold_case import hold_case
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.records import db
from dunning.sandbox.tables import SandboxMandate, SandboxPayment, SandboxRequest
from tests.builders import (
    a_desk,
    a_desk_now,
    a_receivable,
    a_vendor,
    after,
    an_actor,
    empty_queue,
    find_case,
    find_effect,
    order_of,
    pay,
)
from tests.faults.crash_points import AFTER, BEFORE, Killed, crash_points

PAYMENT = ("take", "find_place", "save_evidence", "finish_message")
HOLD = ("take", "find_place", "finish_message")
TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}
LATER = dt.timedelta(minutes=10)


def every(commits: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each commit, just before and just after."""
    return [(name, moment) for name in commits for moment in (BEFORE, AFTER)]


def a_claim() -> int:
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK)
    run_day(a_desk(after(1)))
    empty_queue()
    return find_case(receivable_id)


def a_due_payment() -> None:
    """20 € have come in that the partner has not heard of."""
    pay(order_of(a_claim()).order_id, 20_00, after(2))


def a_due_hold() -> None:
    """A hold the partner has not heard of."""
    case_id = a_claim()
    hold_case(case_id, 42, an_actor(case_id), a_desk_now())


def die_at(kind: str, name: str, moment: str) -> None:
    """The worker is killed at the commit; nobody is there until its lease has run out."""
    effect_id = find_effect(kind).id
    with crash_points(name, moment), pytest.raises(Killed):
        carry_out(effect_id)
    db.session.rollback()


@pytest.mark.parametrize(
    ("make", "kind", "commits"),
    [(a_due_payment, "partner_payment", PAYMENT), (a_due_hold, "partner_hold", HOLD)],
)
def test_every_commit_has_its_expectation(app: Flask, make, kind: str, commits: tuple[str, ...]) -> None:
    make()
    effect_id = find_effect(kind).id
    with crash_points() as passed:
        carry_out(effect_id)
    assert tuple(passed) == commits


@pytest.mark.parametrize(("name", "moment"), every(PAYMENT))
def test_a_payment_is_reported_once(each_app: Flask, name: str, moment: str) -> None:
    a_due_payment()
    die_at("partner_payment", name, moment)
    empty_queue(now=read_now() + LATER)
    assert db.session.scalars(select(SandboxPayment.cents)).all() == [20_00]
    assert find_effect("partner_payment").state == "done"


@pytest.mark.parametrize(("name", "moment"), every(HOLD))
def test_a_hold_is_asked_for_and_acknowledged(each_app: Flask, name: str, moment: str) -> None:
    a_due_hold()
    die_at("partner_hold", name, moment)
    empty_queue(now=read_now() + LATER)
    assert db.session.scalars(select(SandboxRequest.kind)).all() == ["hold"]
    assert db.session.scalars(select(SandboxMandate.processing_state)).all() == ["paused"]
    assert find_effect("partner_hold").state == "done"
