"""A handover killed at any commit of its other endings: rejected, under review, too late, partner away (F02, F20)."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from dunning.actions.case.start import start_case
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.sandbox.app import SANDBOX_TOKEN
from dunning.sandbox.review import accept_claim
from dunning.sandbox.tables import SandboxClaim
from tests.builders import (
    a_desk,
    a_receivable,
    a_vendor,
    after,
    an_actor,
    empty_queue,
    find_effect,
    order_of,
    pay,
    read_case,
    read_dossier,
    read_history,
)
from tests.faults.crash_points import crash_points
from tests.faults.test_crashes import LATER, LOOK, TAKEN_BACK, die_at, every
from tests.outside.partner.partner_server import FaultyServer, make_sandbox, read_states, serve

pytestmark = pytest.mark.usefixtures("quick_press")

# what an accepted one has in common with these, `test_crashes` kills at
TALK = ("take", "freeze_claim", "save_evidence", "save_evidence 2", "save_evidence 3")
REJECTED = (*TALK, "reject_claim")
REVIEWED = (*TALK, "postpone")
TOO_LATE = ("take", "freeze_claim", "accept_claim", *LOOK)
AWAY = ("take", "freeze_claim", "note_failure", "postpone")


def a_due_handover(last_name: str = "Muster") -> int:
    """The case of a chargeback whose handover is due."""
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK, last_name=last_name)
    run_day(a_desk(after(1)))
    return read_dossier(receivable_id).case.id


def a_late_acceptance() -> int:
    """A case that is paid while its claim is reviewed; the partner has accepted since."""
    case_id = a_due_handover("SLOW-Muster")
    empty_queue()
    order_id = order_of(case_id).order_id
    pay(order_id, 100_00, after(0), booked=after(1))
    pay(order_id, 100_00, after(1))
    assert read_case(case_id).status == "paid"
    effect_id = find_effect("handover").id
    with transaction() as session:
        accept_claim(session, session.get_one(SandboxClaim, 1))
        session.get_one(Effect, effect_id).not_before = read_now()
    return case_id


def count_claims() -> Counter[str]:
    """How many claims the partner has, by state."""
    db.session.rollback()
    return Counter(db.session.scalars(select(SandboxClaim.submission_state)))


def count_effects(kind: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Effect.kind == kind)) or 0


@pytest.mark.parametrize(
    ("make", "commits"),
    [
        (lambda: a_due_handover("REJECT-Muster"), REJECTED),
        (lambda: a_due_handover("SLOW-Muster"), REVIEWED),
        (a_late_acceptance, TOO_LATE),
    ],
    ids=["rejected", "reviewed", "too late"],
)
def test_every_commit_of_an_ending_has_its_expectation(
    app: Flask, make: Callable[[], int], commits: tuple[str, ...]
) -> None:
    make()
    effect_id = find_effect("handover").id
    with crash_points() as passed:
        carry_out(effect_id)
    assert tuple(passed) == commits


@pytest.mark.parametrize(("name", "moment"), every(REJECTED[-2:]))
def test_a_rejection_is_noted_once_and_the_next_claim_names_the_last(
    each_app: Flask, name: str, moment: str
) -> None:
    case_id = a_due_handover("REJECT-Muster")
    die_at("handover", name, moment)
    empty_queue(now=read_now() + LATER)
    case = read_case(case_id)
    rejected = case.claim_id
    assert (case.status, case.claim_in_review, count_claims()["rejected"]) == ("failed", False, 1)
    assert [row.verb for row in read_history(case_id)].count("fail") == 1
    start_case(case_id, an_actor(case_id), a_desk(after(2)))
    empty_queue(now=read_now() + 2 * LATER)
    assert count_claims()["rejected"] == 2
    newest = db.session.scalars(select(SandboxClaim).order_by(SandboxClaim.number.desc()).limit(1)).one()
    assert newest.body["metadata"] == [{"type": "previous_claim", "value": rejected}]


@pytest.mark.parametrize(("name", "moment"), every(REVIEWED[-2:]))
def test_a_claim_under_review_is_released_once(each_app: Flask, name: str, moment: str) -> None:
    case_id = a_due_handover("SLOW-Muster")
    die_at("handover", name, moment)
    empty_queue(now=read_now() + LATER)
    assert count_claims()["under_review"] == 1
    assert set(count_claims()) <= {"under_review", "created"}
    assert (read_case(case_id).status, read_case(case_id).claim_in_review) == ("running", True)


@pytest.mark.parametrize(("name", "moment"), every(TOO_LATE[2:4]))
def test_an_acceptance_too_late_is_noted_once_and_the_partner_asked_to_cancel_once(
    each_app: Flask, name: str, moment: str
) -> None:
    case_id = a_late_acceptance()
    die_at("handover", name, moment)
    empty_queue(now=read_now() + LATER)
    assert (read_case(case_id).status, read_case(case_id).claim_in_review) == ("paid", False)
    assert [row.verb for row in read_history(case_id)].count("late_acceptance") == 1
    assert count_effects("partner_cancel") == 1


@pytest.fixture
def partner(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[FaultyServer]:
    """The sandbox behind HTTP; the app hands over to it."""
    faulty = FaultyServer(make_sandbox(tmp_path))
    with serve(faulty) as url:
        make_app(PARTNER_URL=url, PARTNER_TOKEN=SANDBOX_TOKEN)
        yield faulty


@pytest.mark.parametrize(("name", "moment"), [("", ""), *every(AWAY[2:])])
def test_a_worker_killed_while_the_partner_is_away_loses_nothing(
    partner: FaultyServer, name: str, moment: str
) -> None:
    case_id = a_due_handover()
    partner.on_call["GET claims"] = "down"
    if name:
        die_at("handover", name, moment)
    else:
        with crash_points() as passed:
            carry_out(find_effect("handover").id)
        assert tuple(passed) == AWAY
    empty_queue(now=read_now() + LATER)
    empty_queue(now=read_now() + 2 * LATER)
    assert (read_case(case_id).status, read_states(partner.app)) == ("handed_over", ["accepted"])
