"""A partner that is away, loses answers, repeats itself or talks nonsense: one claim there, the right status (F20)."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from dunning.actions.at_partner.breaker import (
    MOST_FAILURES,
    PAUSE,
    note_failure,
    note_success,
    read_breaker,
    take_question,
)
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.effects import MOST_ATTEMPTS
from dunning.jobs import carry_out
from dunning.jobs.inbox import sync_partner
from dunning.jobs.partner.news import judge
from dunning.jobs.ways.channels import thread_channels
from dunning.outside.partner.client import PartnerClient
from dunning.records import db
from dunning.records.effects import Effect
from dunning.rules.partner.news import Subject
from dunning.sandbox.app import SANDBOX_TOKEN
from dunning.sandbox.tables import SandboxClaim
from tests.builders import (
    a_desk,
    a_receivable,
    a_vendor,
    after,
    empty_queue,
    find_effect,
    read_case,
    read_dossier,
    states_of,
)
from tests.outside.partner.partner_server import FaultyServer, a_handover, make_sandbox, read_states, serve

pytestmark = pytest.mark.usefixtures("quick_press")

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}


@pytest.fixture
def partner(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[FaultyServer]:
    """The sandbox behind HTTP, with faults to order; the app hands over to it and is not patient."""
    faulty = FaultyServer(make_sandbox(tmp_path))
    with serve(faulty) as url:
        make_app(PARTNER_URL=url, PARTNER_TOKEN=SANDBOX_TOKEN)
        impatient = PartnerClient(url, SANDBOX_TOKEN, timeout=(1, 1))
        thread_channels(current_app.config["SETTINGS"]).partner = impatient
        yield faulty


def due_handovers(number: int = 1, **order: Any) -> list[int]:
    """Chargebacks whose handover is due; returns the ids of their cases, in the order of the queue."""
    vendor_id = a_vendor(auto_chargebacks=True)
    receivables = [a_receivable(vendor_id, **TAKEN_BACK | order) for _ in range(number)]
    run_day(a_desk(after(1)))
    return [read_dossier(receivable_id).case.id for receivable_id in receivables]


def a_due_handover(**order: Any) -> int:
    return due_handovers(**order)[0]


def let_pass(time: dt.timedelta, step: dt.timedelta = MINUTE, start: dt.timedelta = MINUTE) -> None:
    """The worker goes on through a stretch of time."""
    now = read_now()
    for number in range(int(time / step)):
        empty_queue(now=now + start + number * step)


def list_references(partner: FaultyServer) -> list[str]:
    """Our references at the partner, in the order the claims were made there."""
    with partner.app.app_context():
        return list(db.session.scalars(select(SandboxClaim.your_reference).order_by(SandboxClaim.number)))


def assert_handed_over_once(partner: FaultyServer, case_id: int) -> None:
    case = read_case(case_id)
    assert (case.status, case.claim_in_review) == ("handed_over", False)
    assert read_states(partner.app).count("accepted") == 1
    assert set(read_states(partner.app)) <= {"accepted", "created"}


# --- An answer that never arrives, or is none ---


@pytest.mark.parametrize("call", ["GET claims", "POST debtors", "POST claims", "PATCH claims"])
def test_a_partner_that_takes_it_and_keeps_silent_ends_up_with_one_claim(
    partner: FaultyServer, call: str
) -> None:
    case_id = a_due_handover()
    partner.on_call[call] = "silence"
    empty_queue()
    assert (read_case(case_id).status, read_case(case_id).claim_in_review) == ("running", True)
    let_pass(5 * MINUTE)
    assert_handed_over_once(partner, case_id)


def test_a_claim_accepted_while_the_answer_of_its_release_was_lost_is_not_made_again(
    partner: FaultyServer,
) -> None:
    case_id = a_due_handover()
    partner.on_call["PATCH claims"] = "drop"
    empty_queue()
    assert read_states(partner.app) == ["accepted"]
    let_pass(5 * MINUTE)
    assert_handed_over_once(partner, case_id)
    assert read_states(partner.app) == ["accepted"]
    assert [call.split()[0] for call in partner.calls].count("POST") == 2


def test_a_claim_made_while_the_answer_was_lost_is_found_by_our_reference(partner: FaultyServer) -> None:
    case_id = a_due_handover()
    partner.on_call["POST claims"] = "drop"
    empty_queue()
    let_pass(5 * MINUTE)
    assert_handed_over_once(partner, case_id)
    assert list_references(partner) == [find_effect("handover").reference]


def test_a_partner_that_ignores_the_filter_gives_nobody_another_ones_claim(partner: FaultyServer) -> None:
    partner.ignores_filter = True
    cases = due_handovers(3)
    empty_queue()
    assert {read_case(case_id).status for case_id in cases} == {"handed_over"}
    assert len({read_case(case_id).claim_id for case_id in cases}) == 3
    assert read_states(partner.app) == ["accepted"] * 3


# --- Said twice ---


def test_a_claim_of_our_reference_that_is_there_already_is_the_one_that_is_released(
    partner: FaultyServer,
) -> None:
    case_id = a_due_handover()
    claims = [make_claim(find_effect("handover").reference) for _ in range(2)]
    empty_queue()
    assert_handed_over_once(partner, case_id)
    assert (read_case(case_id).claim_id, read_states(partner.app)) == (claims[0], ["accepted", "created"])


def test_of_two_claims_of_our_reference_the_accepted_one_counts(partner: FaultyServer) -> None:
    case_id = a_due_handover()
    _, released = (make_claim(find_effect("handover").reference) for _ in range(2))
    thread_client().release_claim(released)
    empty_queue()
    assert_handed_over_once(partner, case_id)
    assert (read_case(case_id).claim_id, read_states(partner.app)) == (released, ["created", "accepted"])


def test_an_acceptance_that_is_told_twice_is_noted_once(partner: FaultyServer) -> None:
    case_id = a_due_handover()
    effect_id = find_effect("handover").id
    empty_queue()
    calls = len(partner.calls)
    assert not carry_out(effect_id, read_now() + HOUR)
    let_pass(10 * MINUTE)
    assert_handed_over_once(partner, case_id)
    assert len([call for call in partner.calls[calls:] if "claims" in call]) == 0


def thread_client() -> PartnerClient:
    return thread_channels(current_app.config["SETTINGS"]).partner


def make_claim(reference: str) -> str:
    """A claim that was made at the partner and forgotten here."""
    handover = a_handover(reference=reference)
    return thread_client().create_claim(handover, thread_client().create_debtor(handover)).id


# --- The partner is away ---


@pytest.mark.parametrize(("hours", "minutes"), [(3, 5), (72, 240)], ids=["three hours", "three days"])
def test_an_outage_loses_nothing_keeps_the_order_and_blocks_nobody(
    partner: FaultyServer, hours: int, minutes: int
) -> None:
    reminded = a_receivable(due_date=after(-4))
    cases = due_handovers(4)
    partner.outage = "down"
    empty_queue()
    assert states_of(reminded)["payment_reminder"] == "done"
    let_pass(hours * HOUR, minutes * MINUTE)
    assert {read_case(case_id).status for case_id in cases} == {"running"}
    # three failures, then one question every five minutes, however much waits
    assert len(partner.calls) <= MOST_FAILURES + hours * HOUR // PAUSE
    partner.outage = None
    let_pass(6 * MINUTE, start=hours * HOUR)
    assert [read_case(case_id).status for case_id in cases] == ["handed_over"] * 4
    effects = db.session.scalars(select(Effect).where(Effect.kind == "handover").order_by(Effect.id)).all()
    assert list_references(partner) == [effect.reference for effect in effects]
    assert max(effect.attempt for effect in effects) <= 2
    assert read_breaker().failures == 0


def test_what_waits_behind_the_breaker_is_not_frozen_and_costs_no_attempt(partner: FaultyServer) -> None:
    case_id = a_due_handover()
    for _ in range(MOST_FAILURES):
        note_failure(read_now(), "answer 503")
    empty_queue()
    effect = find_effect("handover")
    assert (effect.state, effect.attempt, effect.last_error) == (
        "retry_wait",
        0,
        "the partner is away: answer 503",
    )
    assert (read_case(case_id).claim_in_review, partner.calls) == (False, [])


def test_three_failures_in_a_row_make_a_pause_and_one_success_ends_it(partner: FaultyServer) -> None:
    now = read_now()
    for number in range(1, MOST_FAILURES + 1):
        assert read_breaker() is None or read_breaker().paused_until is None
        note_failure(now, "answer 503")
        assert read_breaker().failures == number
    assert read_breaker().paused_until == now + PAUSE
    note_success()
    assert (read_breaker().failures, read_breaker().paused_until) == (0, None)


def test_after_a_pause_one_worker_asks_for_all(partner: FaultyServer) -> None:
    now = read_now()
    for _ in range(MOST_FAILURES):
        note_failure(now, "answer 503")
    seen = read_breaker()
    assert [take_question(seen, now + PAUSE) for _ in range(3)] == [True, False, False]


def test_a_partner_that_answers_everything_with_html_is_away(partner: FaultyServer) -> None:
    due_handovers(4)
    partner.outage = "html"
    empty_queue()
    assert len(partner.calls) == MOST_FAILURES
    assert read_breaker().paused_until is not None


def test_a_claim_the_partner_chokes_on_holds_up_no_other(partner: FaultyServer) -> None:
    poisoned = a_due_handover(last_name="Poison")
    partner.app.wsgi_app = choke_on(b"Poison", partner.app.wsgi_app)
    let_pass(20 * MINUTE)
    others = [a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK) for _ in range(2)]
    run_day(a_desk(after(1)))
    let_pass(5 * MINUTE, start=20 * MINUTE)
    assert [read_dossier(receivable_id).case.status for receivable_id in others] == ["handed_over"] * 2
    assert (read_case(poisoned).status, read_case(poisoned).claim_in_review) == ("running", True)


def test_a_handover_is_never_given_up_whatever_the_partner_answers(partner: FaultyServer) -> None:
    case_id = a_due_handover()
    partner.outage = "missing"
    let_pass(34 * HOUR, 2 * HOUR)
    effect = find_effect("handover")
    assert (effect.state, effect.last_error) == ("retry_wait", "answer 404")
    assert effect.attempt > MOST_ATTEMPTS
    partner.outage = None
    let_pass(3 * HOUR, HOUR, start=34 * HOUR)
    assert_handed_over_once(partner, case_id)


def test_a_handover_nobody_understands_is_never_given_up_either(
    partner: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = a_due_handover()
    effect_id = find_effect("handover").id
    with monkeypatch.context() as patch:
        patch.setattr("dunning.jobs.carry.handover.list_documents", dict)  # takes no effect: a TypeError
        for number in range(MOST_ATTEMPTS + 1):
            assert carry_out(effect_id, read_now() + number * 3 * HOUR)
    effect = find_effect("handover")
    assert (effect.state, effect.attempt) == ("retry_wait", MOST_ATTEMPTS + 1)
    carry_out(effect_id, read_now() + 3 * HOUR)
    assert_handed_over_once(partner, case_id)


def choke_on(word: bytes, app: Any) -> Any:
    """A partner that fails whenever it reads the word."""

    def choking(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if word in body:
            start("500 Internal Server Error", [("Content-Length", "0")])
            return [b""]
        environ["wsgi.input"] = BytesIO(body)
        return app(environ, start)

    return choking


def test_a_webhook_during_a_pause_waits_and_a_poll_that_works_ends_the_pause(partner: FaultyServer) -> None:
    for _ in range(MOST_FAILURES):
        note_failure(read_now(), "answer 503")
    desk = a_desk(after(1), now=read_now())
    assert judge(thread_client(), Subject(mandate_id="m-1"), desk) == (
        "new",
        "the partner is away: answer 503",
    )
    assert partner.calls == []
    sync_partner()
    assert read_breaker().failures == 0
    assert judge(thread_client(), Subject(mandate_id="m-1"), desk)[0] == "ignored"
