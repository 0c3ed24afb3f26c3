"""The day's run: money first, then what is due; a day is played once, and one bad receivable stops nobody."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, text

from dunning.actions.case.correct_address import Address, correct_address
from dunning.actions.course import advance, allocate
from dunning.actions.dossier.refusals import DayPlayed
from dunning.actions.run_day import COUNTED, count_day, run_day
from dunning.records import db
from dunning.records.cases import Case, Step
from dunning.records.effects import Effect
from dunning.records.journal import History, RunDay
from dunning.rules.policy import Policy
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_vendor,
    after,
    an_actor,
    an_order,
    an_order_row,
    empty_queue,
    find_case,
    find_receivable,
    import_rows,
    order_of,
    pay,
    play,
    play_until,
    read_case,
    read_case_dossier,
    read_dossier,
    read_history,
    read_order,
    read_receivable,
    states_of,
)

pytestmark = pytest.mark.usefixtures("quick_press")

TABLES = ("receivables", "cases", "steps", "effects", "ledger_entries", "history", "letters", "payments")


def digest() -> dict[str, list]:
    """Every row of every table that a run may write to, versions aside."""
    db.session.rollback()
    rows = {table: sorted(map(repr, db.session.execute(text(f"select * from {table}")))) for table in TABLES}
    db.session.rollback()
    return rows


def test_an_unpaid_receivable_takes_every_step_on_its_day(each_app: Flask) -> None:
    receivable_id = a_receivable()
    play_until(after(40))
    days = {
        step.kind: (step.state, step.created_on, step.done_on) for step in read_dossier(receivable_id).steps
    }
    assert days == {
        "service_call": ("lapsed", after(1), None),
        "payment_reminder": ("done", after(5), after(5)),
        "first_letter": ("done", after(10), after(10)),
        "first_call": ("lapsed", after(11), None),
        "second_letter": ("done", after(20), after(20)),
        "second_call": ("lapsed", after(21), None),
        "handover": ("done", after(33), after(33)),
    }
    case = read_dossier(receivable_id).case
    assert (case.status, case.handed_over_on, case.mandate_id is not None) == ("handed_over", after(33), True)


def test_playing_every_day_is_the_same_as_playing_the_days_something_is_due(each_app: Flask) -> None:
    receivable_id = a_receivable()
    play(*(after(number) for number in range(41)))
    assert [step.created_on for step in read_dossier(receivable_id).steps] == [
        after(number) for number in (1, 5, 10, 11, 20, 21, 33)
    ]


def test_a_day_played_again_changes_nothing(each_app: Flask) -> None:
    a_receivable()
    for number in (1, 5, 10, 33):
        play_until(after(number))
        before = digest()
        play(after(number))
        assert digest() == before


def test_a_day_played_again_takes_in_what_came_since(each_app: Flask) -> None:
    first = a_receivable()
    play_until(after(10))
    second = a_receivable(read_receivable(first).vendor_id)
    play(after(10))
    assert states_of(second)["first_letter"] == "done"


def test_a_day_before_the_last_one_played_is_refused(each_app: Flask) -> None:
    play(after(10))
    with pytest.raises(DayPlayed):
        run_day(a_desk(after(9), now=a_desk(after(10)).now))


def test_an_older_day_that_was_played_is_left_alone(each_app: Flask) -> None:
    receivable_id = a_receivable()
    play(after(1), after(2))
    before = digest()
    run_day(a_desk(after(1)))
    assert digest() == before
    assert read_receivable(receivable_id).next_step_on == after(5)


def test_money_of_the_day_counts_before_the_steps_of_the_day(each_app: Flask) -> None:
    case_id = a_case("running", day=19)
    pay(order_of(case_id).order_id, 100_00, after(20), booked=after(19))
    play(after(20))
    assert read_case(case_id).status == "paid"
    assert "second_letter" not in states_of(read_case(case_id).receivable_id)


def test_what_was_missed_is_made_up_within_three_days_and_skipped_later(each_app: Flask) -> None:
    in_time, late = a_receivable(), a_receivable(due_date=after(-1))
    play(after(8))
    assert states_of(in_time)["payment_reminder"] == "done"
    assert states_of(late) == {"service_call": "skipped", "payment_reminder": "skipped"}


def test_a_long_outage_sends_one_letter_and_keeps_the_distances(each_app: Flask) -> None:
    receivable_id = a_receivable()
    play(after(100))
    play_until(after(140))
    done = {s.kind: s.done_on for s in read_dossier(receivable_id).steps if s.state == "done"}
    assert done == {"first_letter": after(100), "second_letter": after(110), "handover": after(124)}


def test_no_reminder_without_an_address_for_mail(each_app: Flask) -> None:
    receivable_id = a_receivable(email="nobody")
    play(after(5))
    (skipped,) = [s for s in read_dossier(receivable_id).steps if s.kind == "payment_reminder"]
    assert (skipped.state, skipped.reason) == ("skipped", "no_email")


def test_a_letter_without_an_address_for_mail_waits_for_the_post(each_app: Flask) -> None:
    case_id = a_case("running", email="")
    play_until(after(60))
    states = states_of(read_case(case_id).receivable_id)
    assert (states["first_letter"], "second_letter" in states) == ("planned", False)
    assert read_case(case_id).status == "running"


@pytest.mark.parametrize(
    ("settings", "status", "consent"),
    [
        ({"incasso_review": True}, "awaiting_approval", "none"),
        ({}, "running", "automatic"),
        ({"handover_threshold": 99_99}, "running", "automatic"),
        ({"handover_threshold": 100_00}, "running", "none"),
        ({"incasso_schema": 0}, "failed", "none"),
    ],
)
def test_settings_decide_how_a_case_opens(each_app: Flask, settings: dict, status: str, consent: str) -> None:
    receivable_id = a_receivable(a_vendor(**settings))
    play_until(after(10))
    case = read_dossier(receivable_id).case
    assert (case.status, case.handover_consent, case.opened_on) == (status, consent, after(10))
    assert case.outstanding_cents == 100_00


def test_a_failed_opening_keeps_its_reasons(each_app: Flask) -> None:
    case_id = a_case("failed", city="", country="FR")
    assert read_case(case_id).failure_reasons == ["house_number", "city", "country"]
    assert read_history(case_id)[0].detail == {"points": read_case(case_id).failure_reasons}


def test_without_consent_the_case_waits_and_later_runs_leave_it(each_app: Flask) -> None:
    case_id = a_case("ready_for_handover")
    before = digest()
    play(after(60), after(90))
    after_all = digest()
    assert {k: v for k, v in after_all.items() if k != "receivables"} == {
        k: v for k, v in before.items() if k != "receivables"
    }
    assert read_case(case_id).status == "ready_for_handover"


def test_dunning_and_cancel_ends_the_order_on_the_day_of_the_handover(each_app: Flask) -> None:
    vendor_id = a_vendor(incasso_schema=1, handover_threshold=1_000_000_00)
    order_id = an_order(vendor_id, rates=3)
    play_until(after(33))
    first, second = (read_dossier(find_receivable(order_id, rate)).case for rate in (1, 2))
    assert (first.status, first.ended_on, second) == ("cancelled", after(33), None)
    assert read_order(find_receivable(order_id)).cancelled_on == after(33)
    play_until(after(120))
    assert read_dossier(find_receivable(order_id, 2)).case is None
    assert db.session.scalars(select(Effect.kind).where(Effect.kind == "handover")).all() == []


def test_dunning_and_cancel_ends_the_orders_other_open_cases_too(each_app: Flask) -> None:
    order_id = an_order(a_vendor(incasso_schema=1), amount_cents=50_00)
    vendor_id = read_order(find_receivable(order_id)).vendor_id
    plan = {"order_id": order_id, "payment_plan": "breakdown_payment", "rates": 2, "amount_cents": 50_00}
    import_rows(an_order_row(vendor_id, **plan, rate_number=2, due_date=after(20)))
    play_until(after(32))
    cases = [find_case(find_receivable(order_id, rate)) for rate in (1, 2)]
    assert [read_case(case_id).status for case_id in cases] == ["running", "running"]
    play(after(33))
    assert [read_case(case_id).status for case_id in cases] == ["cancelled", "cancelled"]
    assert read_receivable(find_receivable(order_id, 2)).next_step_on is None


def test_a_rejected_claim_fails_with_the_partners_words(each_app: Flask) -> None:
    case_id = a_case("rejected")
    case = read_case(case_id)
    assert case.failure_reasons == ["rejected"]
    assert "The address could not be verified." in case.failure_note
    assert not case.claim_in_review
    assert count_day(after(33))["failed"] == 1


def test_a_red_point_on_the_day_of_the_handover_fails_the_case(each_app: Flask) -> None:
    case_id = a_case("running", day=21)
    correct_address(
        case_id, Address("Am Beispielbach", "", "", "80804", "", "DE"), an_actor(case_id), a_desk(after(22))
    )
    play_until(after(33))
    assert (read_case(case_id).status, read_case(case_id).failure_reasons) == (
        "failed",
        ["house_number", "city"],
    )


# --- What a day reports ---


def test_a_day_reports_what_happened_on_it(each_app: Flask) -> None:
    a_receivable()
    play(*(after(number) for number in range(35)))
    counts = {number: {k: v for k, v in count_day(after(number)).items() if v} for number in range(35)}
    assert {number: found for number, found in counts.items() if found} == {
        1: {"service_call": 1},
        5: {"payment_reminder": 1},
        10: {"opened": 1, "first_letter": 1},
        11: {"first_call": 1},
        20: {"second_letter": 1},
        21: {"second_call": 1},
        33: {"handover": 1},
    }
    assert tuple(count_day(after(0))) == COUNTED


# --- Poison ---


def test_a_receivable_the_rules_choke_on_stops_nobody(each_app: Flask, monkeypatch) -> None:
    poison, *good = (a_receivable() for _ in range(4))
    choke_on(poison, monkeypatch)
    play_until(after(1))
    assert [states_of(receivable_id) for receivable_id in good] == [{"service_call": "planned"}] * 3
    assert states_of(poison) == {}
    assert read_receivable(poison).next_step_on == after(2)
    (row,) = db.session.scalars(select(History).where(History.receivable_id == poison)).all()
    assert (row.verb, row.reason) == ("run_failed", "ZeroDivisionError('poison')")


def test_a_receivable_set_aside_is_tried_again_the_next_day(each_app: Flask, monkeypatch) -> None:
    poison = a_receivable()
    with monkeypatch.context() as patch:
        choke_on(poison, patch)
        play(after(1))
    play(after(2))
    assert states_of(poison) == {"service_call": "planned"}


def choke_on(receivable_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = advance.next_decision
    order_id = read_order(receivable_id).order_id

    def choke(facts, policy: Policy, today: dt.date):
        if facts.order.order_id == order_id:
            raise ZeroDivisionError("poison")
        return decide(facts, policy, today)

    monkeypatch.setattr(advance, "next_decision", choke)


def test_a_payment_the_rules_choke_on_stops_no_other_and_no_step(each_app: Flask, monkeypatch) -> None:
    cases = [a_case("running", day=12) for _ in range(3)]
    for case_id in cases:
        pay(order_of(case_id).order_id, 100_00, after(14), booked=after(12))
    judge, poison = allocate.settle, order_of(cases[0]).order_id

    def choke(facts, policy: Policy, on: dt.date):
        if facts.order.order_id == poison:
            raise ZeroDivisionError("poison")
        return judge(facts, policy, on)

    other = a_receivable(due_date=after(13))
    with monkeypatch.context() as patch:
        patch.setattr(allocate, "settle", choke)
        play(after(14))
    assert [read_case(case_id).status for case_id in cases] == ["running", "paid", "paid"]
    assert states_of(other) == {"service_call": "planned"}
    assert read_history(cases[0])[-1].verb == "run_failed"
    play(after(15))
    assert read_case(cases[0]).status == "paid"


# --- Several clocks (F08) ---


def test_eight_clocks_at_once_do_everything_once(each_app: Flask) -> None:
    ids = [a_receivable() for _ in range(6)]

    def tick(number: int) -> None:
        with each_app.app_context():
            run_day(a_desk(after(number)))

    for number in (1, 5, 10):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(tick, [number] * 8))
        empty_queue()
    assert [sorted(states_of(i)) for i in ids] == [["first_letter", "payment_reminder", "service_call"]] * 6
    assert db.session.query(Step).count() == 18
    assert db.session.query(Case).count() == 6
    assert db.session.query(Effect).count() == 12
    assert db.session.query(RunDay).count() == 3
    assert db.session.query(History).filter_by(verb="open").count() == 6
    assert read_case_dossier(1).case.status == "running"
