"""What the partner is told arrives: a payment once, a request at least once and until it is acknowledged."""

import datetime as dt
import email
from collections.abc import Callable, Iterator
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from dunning import effects
from dunning.actions.case.buyer_says import record_dispute, resolve_dispute
from dunning.actions.letters.decide_mail import repeat_mail
from dunning.actions.run_day import run_day
from dunning.actions.to_partner.hold_case import hold_case
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.records import db, transaction
from dunning.records.database import Base
from dunning.records.partner import Hold, Mandate
from dunning.sandbox.app import SANDBOX_TOKEN, build_sandbox
from dunning.sandbox.deeds import decide_request
from dunning.sandbox.review import accept_claim, reject_claim
from dunning.sandbox.tables import (
    SandboxClaim,
    SandboxDebtor,
    SandboxMandate,
    SandboxPayment,
    SandboxRequest,
)
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
    read_case,
)
from tests.faults.crash_points import AFTER, BEFORE, Killed, crash_points
from tests.outside.partner.partner_server import FaultyServer, make_sandbox, serve
from tests.smtp_server import SmtpServer

TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CONTACT = "akten@inkasso.example"


@pytest.fixture
def partner(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[FaultyServer]:
    """The sandbox behind HTTP, with faults to order."""
    faulty = FaultyServer(make_sandbox(tmp_path))
    with serve(faulty) as url:
        make_app(PARTNER_URL=url, PARTNER_TOKEN=SANDBOX_TOKEN)
        yield faulty


def offer_documented_calls(
    make_app: Callable[..., Flask], folder: Path, contact: str, **environ: str
) -> Iterator[FaultyServer]:
    """A partner that knows nothing but the documented API."""
    sandbox = build_sandbox(f"sqlite:///{folder / 'sandbox.db'}", "live-token")
    with sandbox.app_context():
        Base.metadata.create_all(db.engine)
    faulty = FaultyServer(sandbox)
    with serve(faulty) as url:
        make_app(PARTNER_URL=url, PARTNER_TOKEN="live-token", PARTNER_CONTACT=contact, **environ)
        yield faulty


@pytest.fixture
def paywise(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[FaultyServer]:
    yield from offer_documented_calls(make_app, tmp_path, CONTACT)


@pytest.fixture
def nobody_to_write_to(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[FaultyServer]:
    yield from offer_documented_calls(make_app, tmp_path, "")


def a_claim(**order) -> int:
    """A case at the partner; returns its id."""
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK | order)
    run_day(a_desk(after(1)))
    empty_queue()
    return find_case(receivable_id)


def a_held_claim(days: int = 14, **order) -> int:
    """One that its vendor pauses today."""
    case_id = a_claim(**order)
    hold_case(case_id, days, an_actor(case_id), a_desk_now())
    return case_id


def pay_something(case_id: int, cents: int = 30_00) -> None:
    pay(order_of(case_id).order_id, cents, after(40))


def payments_at(partner: FaultyServer) -> list[tuple[int, dt.date]]:
    """What the partner knows of money, beside the claim's own."""
    with partner.app.app_context():
        rows = db.session.scalars(select(SandboxPayment).order_by(SandboxPayment.number))
        return [(row.cents, row.value_date) for row in rows]


def requests_at(partner: FaultyServer) -> list[SandboxRequest]:
    with partner.app.app_context():
        return list(db.session.scalars(select(SandboxRequest).order_by(SandboxRequest.number)))


def decide_last(partner: FaultyServer, *, granted: bool) -> None:
    """What somebody decides on the sandbox's page."""
    with partner.app.app_context(), transaction() as session:
        wish = session.scalars(select(SandboxRequest).order_by(SandboxRequest.number.desc())).first()
        decide_request(session, wish, granted=granted)


def list_mails() -> list[email.message.EmailMessage]:
    folder: Path = current_app.config["SETTINGS"].home / "mail"
    return [
        email.message_from_bytes(file.read_bytes(), policy=default) for file in sorted(folder.glob("*.eml"))
    ]


def list_requests_by_mail() -> list[email.message.EmailMessage]:
    return [mail for mail in list_mails() if mail["To"] == CONTACT]


# --- Payments ---


def test_a_payment_is_reported_with_its_value_date_and_our_reference(partner: FaultyServer) -> None:
    case_id = a_claim()
    pay_something(case_id)
    empty_queue()
    effect = find_effect("partner_payment")
    assert payments_at(partner) == [(30_00, after(40))]
    assert effect.state == "done"
    with partner.app.app_context():
        (row,) = db.session.scalars(select(SandboxPayment)).all()
        assert (row.your_reference, row.id) == (effect.reference, effect.evidence["receipt"])


@pytest.mark.parametrize("fault", ["down", "late", "drop", "nonsense"])
def test_one_payment_comes_of_it_wherever_the_answer_goes_wrong(partner: FaultyServer, fault: str) -> None:
    case_id = a_claim()
    pay_something(case_id)
    partner.on_call["POST payments"] = fault
    empty_queue()
    assert find_effect("partner_payment").state == "retry_wait"
    empty_queue(now=read_now() + 3 * HOUR)
    assert payments_at(partner) == [(30_00, after(40))]
    assert find_effect("partner_payment").state == "done"


def test_a_payment_during_the_review_is_reported_once_the_claim_is_accepted(partner: FaultyServer) -> None:
    case_id = a_claim(last_name="SLOW-Muster")
    pay_something(case_id)
    empty_queue()
    assert (find_effect("partner_payment").state, payments_at(partner)) == ("retry_wait", [])
    assert effects.count_open(after(40)) == 0
    accept_slowly(partner)
    for hours in (3, 6):
        empty_queue(now=read_now() + hours * HOUR)
    assert read_case(case_id).status == "handed_over"
    assert payments_at(partner) == [(30_00, after(40))]


def accept_slowly(partner: FaultyServer) -> None:
    with partner.app.app_context(), transaction() as session:
        accept_claim(session, session.get_one(SandboxClaim, 1))


def test_a_payment_on_a_claim_that_was_rejected_is_told_to_nobody(partner: FaultyServer) -> None:
    case_id = a_claim(last_name="SLOW-Muster")
    pay_something(case_id)
    with partner.app.app_context(), transaction() as session:
        reject_claim(session, session.get_one(SandboxClaim, 1), ["Too old."])
    for hours in (3, 6):
        empty_queue(now=read_now() + hours * HOUR)
    assert read_case(case_id).status == "failed"
    assert (find_effect("partner_payment").state, payments_at(partner)) == ("superseded", [])


def test_money_taken_back_is_a_request_that_names_it(partner: FaultyServer) -> None:
    case_id = a_claim()
    pay_something(case_id)
    pay_something(case_id, -30_00)
    empty_queue()
    (wish,) = requests_at(partner)
    assert wish.kind == "reversal"
    assert "30,00\xa0€" in wish.text
    assert find_effect("partner_payment").state == "done"


# --- Requests by a call ---


def test_a_hold_is_asked_for_and_acknowledged_at_once(partner: FaultyServer) -> None:
    case_id = a_held_claim()
    empty_queue()
    (wish,) = requests_at(partner)
    assert (wish.kind, wish.until) == ("hold", read_case(case_id).hold_until)
    assert find_effect("partner_hold").state == "done"
    assert db.session.scalars(select(Hold)).one().acknowledged_at
    with partner.app.app_context():
        assert db.session.scalars(select(SandboxMandate.processing_state)).all() == ["paused"]


def test_a_hold_nobody_acknowledges_is_looked_after_until_somebody_does(partner: FaultyServer) -> None:
    a_held_claim(42)
    with partner.app.app_context(), transaction() as session:
        debtor = session.scalars(select(SandboxDebtor)).one()
        person = {**debtor.body["person"], "last_name": "SLOW-Muster"}
        debtor.body = {**debtor.body, "person": person}
    empty_queue()
    effect = find_effect("partner_hold")
    assert (effect.state, effect.last_error) == ("retry_wait", "not acknowledged yet")
    calls = len([call for call in partner.calls if "sandbox-requests" in call])
    empty_queue(now=read_now() + 2 * HOUR)
    empty_queue(now=read_now() + DAY + 4 * HOUR)
    asked = len([call for call in partner.calls if "sandbox-requests" in call])
    assert (calls, asked) == (1, 2)
    decide_last(partner, granted=True)
    empty_queue(now=read_now() + DAY + 6 * HOUR)
    assert find_effect("partner_hold").state == "done"
    assert len(requests_at(partner)) == 1


def test_a_hold_the_partner_has_is_not_asked_for_again_because_its_mandate_could_not_be_read(
    partner: FaultyServer,
) -> None:
    a_held_claim()
    partner.on_call["GET mandates"] = "down"
    empty_queue()
    effect = find_effect("partner_hold")
    assert (effect.state, effect.last_error) == ("retry_wait", "not acknowledged yet")
    empty_queue(now=read_now() + 2 * HOUR)
    assert find_effect("partner_hold").state == "done"
    assert len([call for call in partner.calls if "sandbox-requests" in call]) == 1


def test_a_hold_that_is_over_before_the_partner_heard_of_it_is_dropped(partner: FaultyServer) -> None:
    case_id = a_held_claim()
    with transaction() as session:
        session.merge(read_case(case_id)).hold_until = None
    empty_queue()
    assert (find_effect("partner_hold").state, requests_at(partner)) == ("superseded", [])


def test_a_partner_that_is_away_for_days_hears_of_the_hold_when_it_is_back(partner: FaultyServer) -> None:
    a_held_claim()
    partner.outage = "down"
    for hour in range(0, 72, 12):
        empty_queue(now=read_now() + hour * HOUR)
    assert find_effect("partner_hold").state == "retry_wait"
    partner.outage = None
    for hour in (80, 84):
        empty_queue(now=read_now() + hour * HOUR)
    assert find_effect("partner_hold").state == "done"


# --- Requests by mail ---


def test_a_partner_without_a_call_for_it_gets_a_mail_with_its_file_number(paywise: FaultyServer) -> None:
    case_id = a_held_claim()
    empty_queue()
    (mail,) = list_requests_by_mail()
    number = db.session.scalars(select(Mandate.reference_number)).one()
    text = mail.get_body(("plain",)).get_content()
    assert number
    assert mail["Subject"] == f"Mahnstopp: Akte {number}"
    assert f"{read_case(case_id).hold_until:%d.%m.%Y}" in text
    assert order_of(case_id).order_id in text
    assert find_effect("partner_hold").state == "retry_wait"
    with paywise.app.app_context(), transaction() as session:
        session.scalars(select(SandboxMandate)).one().processing_state = "paused"
    empty_queue(now=read_now() + 2 * HOUR)
    assert find_effect("partner_hold").state == "done"
    assert len(list_requests_by_mail()) == 1


def test_what_needs_no_acknowledgment_is_done_when_the_mail_is_out(paywise: FaultyServer) -> None:
    case_id = a_claim()
    pay_something(case_id)
    pay_something(case_id, -30_00)
    empty_queue()
    (mail,) = list_requests_by_mail()
    assert "30,00\xa0€" in mail.get_body(("plain",)).get_content()
    assert find_effect("partner_payment").state == "done"


def test_with_nobody_to_write_to_it_waits_for_support(nobody_to_write_to: FaultyServer) -> None:
    case_id = a_held_claim()
    empty_queue()
    effect = find_effect("partner_hold")
    assert (effect.state, effect.last_error) == ("failed", "PARTNER_CONTACT is not set")
    repeat_mail(effect.id, an_actor(case_id, "support"), a_desk_now())
    assert find_effect("partner_hold").state == "due"


def test_a_dispute_after_the_handover_and_its_end_are_told_and_the_status_stays(
    partner: FaultyServer,
) -> None:
    case_id = a_claim()
    receivable_id, support = read_case(case_id).receivable_id, an_actor(case_id, "support")
    record_dispute(receivable_id, "never arrived", support, a_desk(after(2)))
    resolve_dispute(receivable_id, "found at the neighbour's", support, a_desk(after(3)))
    empty_queue()
    told = [(wish.kind, wish.text) for wish in requests_at(partner)]
    assert [kind for kind, _ in told] == ["dispute", "dispute"]
    assert "bestreitet" in told[0][1]
    assert "never arrived" in told[0][1]
    assert "geklärt" in told[1][1]
    assert read_case(case_id).status == "handed_over"


@pytest.mark.parametrize("moment", [BEFORE, AFTER])
@pytest.mark.parametrize("name", ["take", "find_place", "enter_notice", "note_asked"])
def test_a_request_by_mail_gets_out_wherever_its_worker_is_killed(
    paywise: FaultyServer, name: str, moment: str
) -> None:
    a_held_claim()
    effect_id = find_effect("partner_hold").id
    with crash_points(name, moment), pytest.raises(Killed):
        carry_out(effect_id)
    db.session.rollback()
    empty_queue(now=read_now() + HOUR / 2)
    assert len(list_requests_by_mail()) == 1
    assert find_effect("partner_hold").last_error == "not acknowledged yet"


def test_a_request_of_which_nobody_knows_whether_it_arrived_is_mailed_again(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    with SmtpServer("ok") as server:
        for _ in offer_documented_calls(make_app, tmp_path, CONTACT, SMTP_URL=server.url):
            a_held_claim()
            server.scripts = ("ok",) * server.connections + ("drop after the final dot", "ok")
            empty_queue()
            assert "receipt" not in find_effect("partner_hold").evidence
            empty_queue(now=read_now() + HOUR / 2)
            assert find_effect("partner_hold").evidence["receipt"].startswith("250")
        sent = [mail.content for mail in server.deliveries if mail.recipient == CONTACT]
        keys = [email.message_from_bytes(content)["Message-ID"] for content in sent]
        assert (len(keys), len(set(keys))) == (2, 1)
