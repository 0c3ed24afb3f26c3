"""The walk is checked before it may judge: orders worked out by hand with a calendar, and its invariants."""

import ast
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.replay import walk as walk_module
from tests.replay.walk import (
    COUNTERS,
    EVENTS,
    LETTERS,
    OutsideTheWalk,
    Receivable,
    daily_lines,
    days,
    interest,
    is_working_day,
    plan_unpaid,
    read_ledger,
    rest_after_payment,
    total_line,
    walk_ledger,
    walk_receivable,
)

DATA = Path(__file__).parents[1] / "data"
LEDGER = {r.order_id: r for r in read_ledger(DATA / "orders.csv", DATA / "payments.csv")}
WALKED = walk_ledger(LEDGER.values())
FIRST_DAY, LAST_DAY = date(2012, 1, 1), date(2014, 3, 1)

# Worked out with a wall calendar; the comment says what makes the order worth the trouble.
BY_HAND = {
    # paid on the order date: nobody ever hears of it
    "0367399005": {},
    # ordered 3 July 2013, paid on the 8th, the day of the reminder: the payment is booked first
    "0009231909": {"service_call": date(2013, 7, 4)},
    # ordered 7 October 2013, paid on the 17th, the dunning date: no case
    "0679404840": {"service_call": date(2013, 10, 8), "payment_reminder": date(2013, 10, 12)},
    # ordered 3 January 2012, paid on the 23rd, the day of the second letter
    "0280670965": {
        "service_call": date(2012, 1, 4),
        "payment_reminder": date(2012, 1, 8),
        "opened": date(2012, 1, 13),
        "first_letter": date(2012, 1, 13),
        "first_call": date(2012, 1, 14),
        "paid": date(2012, 1, 23),
    },
    # Rostock, Easter 2012: the first deadline falls on Good Friday, 6 April, and moves to Tuesday the 10th;
    # so the second letter waits for the 11th. Its deadline Saturday 21 April moves to Monday the 23rd,
    # two working days later is Wednesday the 25th
    "3651082685": {
        "service_call": date(2012, 3, 21),
        "payment_reminder": date(2012, 3, 25),
        "opened": date(2012, 3, 30),
        "first_letter": date(2012, 3, 30),
        "first_call": date(2012, 3, 31),
        "second_letter": date(2012, 4, 11),
        "second_call": date(2012, 4, 12),
        "handover": date(2012, 4, 25),
        "paid": date(2012, 5, 1),
    },
    # Berlin, the same dates, but paid on the day of the handover: it stays here
    "1669605495": {
        "service_call": date(2012, 3, 21),
        "payment_reminder": date(2012, 3, 25),
        "opened": date(2012, 3, 30),
        "first_letter": date(2012, 3, 30),
        "first_call": date(2012, 3, 31),
        "second_letter": date(2012, 4, 11),
        "second_call": date(2012, 4, 12),
        "paid": date(2012, 4, 25),
    },
    # Erfurt, Whitsun 2013: first deadline Saturday 18 May, moved over Whit Monday to Tuesday the 21st
    "1241888754": {
        "service_call": date(2013, 5, 2),
        "payment_reminder": date(2013, 5, 6),
        "opened": date(2013, 5, 11),
        "first_letter": date(2013, 5, 11),
        "first_call": date(2013, 5, 12),
        "second_letter": date(2013, 5, 22),
        "second_call": date(2013, 5, 23),
        "handover": date(2013, 6, 5),
        "paid": date(2013, 6, 15),
    },
    # München: deadline Tuesday 30 October 2012; the 31st is a working day there, All Saints' Day is not
    "3913519192": {
        "service_call": date(2012, 10, 1),
        "payment_reminder": date(2012, 10, 5),
        "opened": date(2012, 10, 10),
        "first_letter": date(2012, 10, 10),
        "first_call": date(2012, 10, 11),
        "second_letter": date(2012, 10, 20),
        "second_call": date(2012, 10, 21),
        "handover": date(2012, 11, 2),
        "paid": date(2012, 11, 14),
    },
    # Berlin: Corpus Christi, 7 June 2012, is a working day there
    "3556035555": {
        "service_call": date(2012, 5, 7),
        "payment_reminder": date(2012, 5, 11),
        "opened": date(2012, 5, 16),
        "first_letter": date(2012, 5, 16),
        "first_call": date(2012, 5, 17),
        "second_letter": date(2012, 5, 26),
        "second_call": date(2012, 5, 27),
        "handover": date(2012, 6, 7),
        "paid": date(2012, 6, 11),
    },
}


@pytest.mark.parametrize("order_id", BY_HAND)
def test_an_order_worked_out_by_hand_has_exactly_these_days(order_id: str) -> None:
    assert WALKED[order_id] == BY_HAND[order_id]


def test_new_year_and_epiphany_move_a_bavarian_handover_to_the_seventh_of_january() -> None:
    plan = plan_unpaid(date(2013, 12, 2), "BY")
    assert plan.second_letter == date(2013, 12, 22)
    assert plan.second_deadline == date(2014, 1, 2)
    assert plan.handover == date(2014, 1, 7)
    assert plan_unpaid(date(2013, 12, 2), "BE").handover == date(2014, 1, 6)


def test_without_weekends_or_holidays_the_letters_are_ten_and_twenty_days_after_the_anchor() -> None:
    plan = plan_unpaid(date(2013, 2, 1), "BE")
    assert (plan.first_letter, plan.first_deadline) == (date(2013, 2, 11), date(2013, 2, 18))
    assert (plan.second_letter, plan.second_deadline) == (date(2013, 2, 21), date(2013, 3, 4))
    assert plan.handover == date(2013, 3, 6)


def test_a_repentance_day_counts_as_a_holiday_in_saxony_only() -> None:
    assert not is_working_day(date(2012, 11, 21), "SN")
    assert is_working_day(date(2012, 11, 21), "TH")


def test_interest_is_that_of_the_worked_example_across_two_years_and_negative_base_rates() -> None:
    assert interest(100_000, date(2012, 12, 1), date(2014, 8, 31)) == 8070


def test_interest_before_its_first_day_is_nothing() -> None:
    assert interest(100_000, date(2012, 12, 2), date(2012, 12, 1)) == 0


def test_the_forgiven_rest_is_the_fee_and_the_interest_up_to_the_day_before_the_payment() -> None:
    # 46.40 €, 18 October to 13 November 2012: 27 days at 5.12 % of 366 = 17.5 cents, and the fee
    assert rest_after_payment(LEDGER["3913519192"]) == 118


def test_a_payment_before_the_first_deadline_leaves_no_rest() -> None:
    order = LEDGER["0280670965"]
    assert rest_after_payment(replace(order, paid_on=date(2012, 1, 20))) == 0


def test_a_rest_that_would_not_be_forgiven_is_refused_instead_of_guessed() -> None:
    dear = Receivable("x", "1", date(2012, 2, 1), 1_000_000, "BE", paid_on=date(2012, 5, 1))
    with pytest.raises(OutsideTheWalk, match="cents stay open"):
        walk_receivable(dear)


def test_the_ledger_is_whole() -> None:
    assert len(LEDGER) == 1200
    assert len({receivable.vendor_id for receivable in LEDGER.values()}) == 5


def test_nothing_happens_before_the_order_or_from_the_value_date_on() -> None:
    for order_id, receivable in LEDGER.items():
        steps = [day for event, day in WALKED[order_id].items() if event != "paid"]
        assert all(receivable.anchor < day < receivable.paid_on for day in steps), order_id


def test_events_come_in_the_order_of_a_life_and_none_is_left_out() -> None:
    for order_id, events in WALKED.items():
        happened = [event for event in EVENTS if event in events]
        assert list(events) == happened, order_id
        without_payment = [event for event in happened if event != "paid"]
        assert without_payment == list(EVENTS[: len(without_payment)]), order_id
        assert list(events.values()) == sorted(events.values()), order_id


def test_a_case_that_was_opened_is_paid_and_no_other() -> None:
    assert all(("opened" in events) == ("paid" in events) for events in WALKED.values())


def test_letters_and_handover_keep_their_distances() -> None:
    for receivable in LEDGER.values():
        plan = plan_unpaid(receivable.anchor, receivable.land)
        assert plan.second_letter - plan.first_letter >= days(10), receivable.order_id
        assert plan.second_letter > plan.first_deadline, receivable.order_id
        assert plan.handover - plan.second_deadline >= days(2), receivable.order_id
        for deadline in (plan.first_deadline, plan.second_deadline, plan.handover):
            assert is_working_day(deadline, receivable.land), receivable.order_id


def test_no_case_gets_two_letters_or_a_letter_and_the_handover_on_one_day() -> None:
    for order_id, events in WALKED.items():
        leaving = [events[event] for event in (*LETTERS, "handover") if event in events]
        assert len(leaving) == len(set(leaving)), order_id


def test_the_daily_lines_hold_every_event_of_the_ledger_once() -> None:
    lines = daily_lines(WALKED, FIRST_DAY, LAST_DAY)
    assert len(lines) == 791
    assert list(lines[0]) == ["date", *COUNTERS]
    total = total_line(lines)
    assert {event: total[event] for event in EVENTS} == {
        event: sum(event in events for events in WALKED.values()) for event in EVENTS
    }
    assert (total["upcoming_reminder"], total["failed"], total["total"]) == (0, 0, True)


def test_a_daily_line_counts_what_happened_on_that_day() -> None:
    alone = {"3651082685": WALKED["3651082685"]}
    nothing = dict.fromkeys(COUNTERS, 0)
    lines = daily_lines(alone, date(2012, 3, 29), date(2012, 3, 31))
    assert lines == [
        {"date": "2012-03-29", **nothing},
        {"date": "2012-03-30", **nothing, "opened": 1, "first_letter": 1},
        {"date": "2012-03-31", **nothing, "first_call": 1},
    ]


def test_an_order_that_needs_other_rules_is_refused(tmp_path: Path) -> None:
    text = (DATA / "orders.csv").read_text(encoding="utf-8")
    (tmp_path / "orders.csv").write_text(text.replace(";invoice;", ";sepa;", 1), encoding="utf-8")
    with pytest.raises(OutsideTheWalk, match="0000611365: payment_method"):
        read_ledger(tmp_path / "orders.csv", DATA / "payments.csv")


def test_the_walk_imports_the_standard_library_and_the_holidays_only() -> None:
    tree = ast.parse(Path(walk_module.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    rooms = {name.partition(".")[0] for name in imported}
    assert rooms - set(sys.stdlib_module_names) == {"holidays"}
    assert not any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree))
