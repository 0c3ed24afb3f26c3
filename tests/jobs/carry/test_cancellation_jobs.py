"""A cancellation request from the click to the partner's confirmation, with the sandbox behind HTTP."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.at_partner.take_news import withdraw_acceptance
from dunning.actions.run_day import run_day
from dunning.actions.to_partner.cancellation import request_cancellation
from dunning.actions.to_partner.decide_request import approve_request
from dunning.clock import read_now
from dunning.jobs.partner.look import poll_partner
from dunning.jobs.ways.channels import thread_channels
from dunning.records import db, transaction
from dunning.records.partner import CancellationRequest
from dunning.rules.partner.messages import PARTNER_CANCEL
from dunning.sandbox.app import SANDBOX_TOKEN
from dunning.sandbox.deeds import decide_request
from dunning.sandbox.review import accept_claim
from dunning.sandbox.tables import SandboxClaim, SandboxRequest
from tests.builders import (
    a_desk,
    a_receivable,
    a_vendor,
    after,
    an_actor,
    empty_queue,
    find_case,
    find_effect,
    order_of,
    pay,
    read_case,
    read_history,
)
from tests.outside.partner.partner_server import FaultyServer, make_sandbox, serve

TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}


@pytest.fixture
def partner(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[FaultyServer]:
    """The sandbox behind HTTP."""
    faulty = FaultyServer(make_sandbox(tmp_path))
    with serve(faulty) as url:
        faulty.shop = make_app(PARTNER_URL=url, PARTNER_TOKEN=SANDBOX_TOKEN)
        yield faulty


@pytest.fixture
def claim(partner: FaultyServer) -> int:
    """A case whose vendor wanted it back during the review, as support approved; the partner has accepted it since."""
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), last_name="SLOW-Muster", **TAKEN_BACK)
    run_day(a_desk(after(1)))
    empty_queue()
    case_id = find_case(receivable_id)
    request_cancellation(case_id, "Neue Bestellung X7kQ2mN9", an_actor(case_id), a_desk(after(2)))
    approve_request(read_request().id, an_actor(case_id, "support"), a_desk(after(2)))
    empty_queue()
    assert wishes(partner) == []
    with partner.app.app_context(), transaction() as session:
        accept_claim(session, session.scalars(select(SandboxClaim)).one())
    look(partner)
    empty_queue()
    assert read_case(case_id).status == "handed_over"
    return case_id


def wishes(partner: FaultyServer) -> list[str]:
    """What the partner was asked for."""
    with partner.app.app_context():
        return list(db.session.scalars(select(SandboxRequest.kind).order_by(SandboxRequest.number)))


def decide(partner: FaultyServer, *, granted: bool) -> None:
    """What somebody decides at the partner; then we look there."""
    with partner.app.app_context(), transaction() as session:
        decide_request(session, session.scalars(select(SandboxRequest)).one(), granted=granted)
    look(partner)


def look(partner: FaultyServer) -> None:
    client = thread_channels(partner.shop.config["SETTINGS"]).partner
    poll_partner(client, a_desk(after(3), now=read_now()))


def read_request() -> CancellationRequest:
    db.session.rollback()
    return db.session.scalars(select(CancellationRequest)).one()


def test_what_support_approves_reaches_the_partner_once(partner: FaultyServer, claim: int) -> None:
    empty_queue(now=read_now() + dt.timedelta(hours=2))
    assert wishes(partner) == ["cancel"]
    assert (read_request().state, read_case(claim).status) == ("sent", "handed_over")


def test_when_the_partner_confirms_the_case_ends_and_the_fee_is_booked_once(
    partner: FaultyServer, claim: int
) -> None:
    decide(partner, granted=True)
    look(partner)
    case = read_case(claim)
    assert (case.status, case.cancellation_cents) == ("cancelled", 81_24)
    assert (read_request().state, read_request().confirmed_on) == ("confirmed", after(3))
    assert [row.verb for row in read_history(claim)].count("confirm_cancellation") == 1
    empty_queue(now=read_now() + dt.timedelta(hours=2))
    assert (find_effect(PARTNER_CANCEL).state, wishes(partner)) == ("done", ["cancel"])


def test_as_long_as_the_partner_does_not_confirm_nothing_ends(partner: FaultyServer, claim: int) -> None:
    decide(partner, granted=False)
    assert (read_case(claim).status, read_case(claim).cancellation_cents) == ("handed_over", 0)
    assert read_request().state == "sent"


def test_a_payment_that_covers_it_first_costs_no_fee_even_if_the_partner_confirms(
    partner: FaultyServer, claim: int
) -> None:
    pay(order_of(claim).order_id, 200_00, after(3))
    decide(partner, granted=True)
    assert (read_case(claim).status, read_case(claim).cancellation_cents) == ("paid", 0)
    assert (read_request().state, read_request().decision_reason) == ("declined", "paid")


def test_an_acceptance_the_partner_takes_back_ends_the_case_as_was_asked(
    partner: FaultyServer, claim: int
) -> None:
    assert withdraw_acceptance(read_case(claim).claim_id, ("Not founded",), a_desk(after(3)))
    assert (read_case(claim).status, read_case(claim).cancellation_cents) == ("closed", 0)
    assert (read_request().state, read_request().decision_reason) == ("declined", "rejected")
