"""Two who act at once: one of them wins, and what comes of it is always one of the two stories (F15, F16, F25, F28)."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from dunning import effects
from dunning.actions.case.start import start_case
from dunning.actions.dossier.dossier import open_dossier
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.jobs.ways.channels import close_channels
from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.rules.statuses import Refused
from dunning.work import Actor
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    after,
    an_actor,
    empty_queue,
    find_effect,
    order_of,
    pay,
    read_case,
    read_dossier,
    read_history,
    read_receivable,
    states_of,
)
from tests.conftest import QuickPress
from tests.faults.racing import cancelling, together

pytestmark = pytest.mark.usefixtures("quick_press")


def test_start_against_cancel_ends_in_one_of_two_stories(each_app: Flask) -> None:
    for _ in range(10):
        case_id = a_case("awaiting_approval", day=40)
        starter, canceller = an_actor(case_id), an_actor(case_id)

        def start(wanted: int = case_id, actor: Actor = starter) -> str:
            try:
                start_case(wanted, actor, a_desk(after(41)))
            except Refused:
                return "refused"
            return "started"

        started, cancelled = together(each_app, start, cancelling(case_id, canceller, after(41)))
        statuses = [row.to_status for row in read_history(case_id) if row.to_status]
        if started == "started":
            assert (statuses[1:], cancelled) == (["running", "cancelled"], "cancelled")
        else:
            assert (statuses[1:], cancelled) == (["closed"], "cancelled")
        empty_queue()
        assert states_of(read_case(case_id).receivable_id).get("first_letter") in (None, "superseded")


def test_ten_clicks_on_start_start_once(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    actor = an_actor(case_id)

    def start() -> str:
        try:
            start_case(case_id, actor, a_desk(after(11)))
        except Refused:
            return "refused"
        return "started"

    answers = together(each_app, *[start] * 10)
    assert sorted(answers) == ["refused"] * 9 + ["started"]
    assert [row.verb for row in read_history(case_id)].count("start") == 1
    empty_queue()
    assert states_of(read_case(case_id).receivable_id)["first_letter"] == "done"


def test_many_writers_on_one_receivable_lose_no_update(each_app: Flask) -> None:
    receivable_id = a_receivable()
    before = read_dossier(receivable_id).receivable.version

    def touch() -> str:
        for _ in range(10):
            with transaction() as session:
                open_dossier(session, receivable_id)
        return ""

    together(each_app, *[touch] * 6)
    assert read_receivable(receivable_id).version == before + 60


def test_payments_at_once_are_all_booked(each_app: Flask) -> None:
    case_id = a_case("running")
    order_id = order_of(case_id).order_id

    def pay_ten() -> str:
        pay(order_id, 10_00, after(11))
        return ""

    together(each_app, *[pay_ten] * 8)
    case = read_case(case_id)
    assert (case.status, case.outstanding_cents, order_of(case_id).paid_cents) == ("running", 20_00, 80_00)


def test_a_worker_away_past_its_lease_sends_nothing_when_it_comes_back(each_app: Flask, monkeypatch) -> None:
    receivable_id = a_receivable(due_date=after(-10))
    run_day(a_desk(after(0)))
    effect_id = find_effect("first_letter").id

    class SleepyPress(QuickPress):
        def render(self, letter) -> bytes:
            """While it sleeps, somebody else does the whole letter."""
            with monkeypatch.context() as patch, each_app.app_context():
                patch.setattr("dunning.jobs.ways.channels.LetterPress", QuickPress)
                close_channels()
                carry_out(effect_id, read_now() + dt.timedelta(minutes=10))
            return super().render(letter)

    monkeypatch.setattr("dunning.jobs.ways.channels.LetterPress", SleepyPress)
    carry_out(effect_id)
    mails = list((each_app.config["SETTINGS"].home / "mail").glob("*.eml"))
    assert (len(mails), find_effect("first_letter").attempt, find_effect("first_letter").state) == (
        1,
        2,
        "done",
    )
    assert states_of(receivable_id)["first_letter"] == "done"


def test_a_worker_that_fails_after_its_lease_was_taken_harms_nobody(each_app: Flask, monkeypatch) -> None:
    receivable_id = a_receivable(due_date=after(-10))
    run_day(a_desk(after(0)))
    effect_id = find_effect("first_letter").id

    class DyingPress(QuickPress):
        def render(self, letter) -> bytes:
            with each_app.app_context():
                assert effects.take(effect_id, read_now() + dt.timedelta(minutes=10), after(0))
            raise MemoryError("the press fell over")

    monkeypatch.setattr("dunning.jobs.ways.channels.LetterPress", DyingPress)
    assert carry_out(effect_id)
    assert (find_effect("first_letter").state, find_effect("first_letter").last_error) == ("taken", "")
    assert states_of(receivable_id)["first_letter"] == "planned"


def test_one_poisoned_letter_among_many_waits_alone(each_app: Flask, monkeypatch) -> None:
    receivables = [a_receivable(due_date=after(-10)) for _ in range(6)]
    run_day(a_desk(after(0)))
    poison = read_dossier(receivables[2]).order.order_id

    class ChokingPress(QuickPress):
        def render(self, letter) -> bytes:
            if letter.order_id == poison:
                raise RecursionError("nested too deep")
            return super().render(letter)

    monkeypatch.setattr("dunning.jobs.ways.channels.LetterPress", ChokingPress)
    empty_queue()
    states = [states_of(receivable_id)["first_letter"] for receivable_id in receivables]
    assert states == ["done", "done", "planned", "done", "done", "done"]
    (stuck,) = db.session.scalars(select(Effect).where(Effect.state == "retry_wait"))
    assert (stuck.attempt, stuck.last_error) == (1, "RecursionError: nested too deep")
