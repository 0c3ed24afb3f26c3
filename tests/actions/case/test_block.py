"""Block, dispute, promise, and the partner's end of a mandate."""

import datetime as dt

import pytest
from flask import Flask

from dunning.actions.at_partner.end_mandate import end_mandate
from dunning.actions.case.block import block_case, unblock_case
from dunning.actions.case.buyer_says import record_dispute, record_promise, resolve_dispute
from dunning.actions.case.start import start_case
from dunning.actions.dossier.refusals import InReview, NotFound
from dunning.rules.statuses import Refused
from dunning.work import SYSTEM
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    after,
    an_actor,
    an_order,
    find_case,
    find_receivable,
    order_of,
    play,
    play_until,
    read_case,
    read_history,
    read_receivable,
    states_of,
)

pytestmark = pytest.mark.usefixtures("quick_press")

BLOCKABLE = ("awaiting_approval", "running", "ready_for_handover", "failed")


def last_change(case_id: int) -> tuple[str, str | None, str | None, str]:
    """(verb, from, to, reason) of the newest history row."""
    row = read_history(case_id)[-1]
    return row.verb, row.from_status, row.to_status, row.reason


@pytest.mark.parametrize("status", BLOCKABLE)
def test_a_case_before_handover_is_blocked_and_goes_back_to_where_it_came_from(
    app: Flask, status: str
) -> None:
    case_id = a_case(status)
    support = an_actor(case_id, "support")
    block_case(case_id, "insolvency", support, a_desk(after(40)), note="internal")
    case = read_case(case_id)
    assert (case.status, case.blocked_from, case.blocked_reason) == ("blocked", status, "insolvency")
    assert last_change(case_id) == ("block", status, "blocked", "insolvency")
    unblock_case(case_id, support, a_desk(after(41)), reason="settled")
    case = read_case(case_id)
    assert (case.status, case.blocked_from, case.blocked_reason) == (status, None, None)
    assert ("unblock", "blocked", status, "settled") in [
        (row.verb, row.from_status, row.to_status, row.reason) for row in read_history(case_id)
    ]


@pytest.mark.parametrize("status", ["closed", "cancelled", "paid", "handed_over"])
def test_a_case_that_is_over_or_at_the_partner_cannot_be_blocked(app: Flask, status: str) -> None:
    case_id = a_case(status)
    with pytest.raises(Refused):
        block_case(case_id, "unsure", SYSTEM, a_desk(after(40)))
    assert read_case(case_id).status == status


def test_a_claim_under_review_cannot_be_blocked(app: Flask) -> None:
    case_id = a_case("in_review")
    with pytest.raises(InReview):
        block_case(case_id, "unsure", SYSTEM, a_desk(after(40)))
    assert read_case(case_id).status == "running"


def test_a_vendor_can_neither_block_nor_unblock(app: Flask) -> None:
    case_id = a_case("running")
    vendor = an_actor(case_id)
    with pytest.raises(Refused):
        block_case(case_id, "unsure", vendor, a_desk(after(12)))
    block_case(case_id, "unsure", SYSTEM, a_desk(after(12)))
    with pytest.raises(Refused):
        unblock_case(case_id, vendor, a_desk(after(12)))
    assert read_case(case_id).status == "blocked"


def test_a_reason_nobody_has_heard_of_is_refused(app: Flask) -> None:
    case_id = a_case("running")
    with pytest.raises(ValueError, match="no reason to block"):
        block_case(case_id, "mood", SYSTEM, a_desk(after(12)))
    assert read_case(case_id).status == "running"


def test_nothing_goes_out_while_blocked_and_it_goes_on_by_itself_the_day_after(each_app: Flask) -> None:
    case_id = a_case("running")
    receivable_id = read_case(case_id).receivable_id
    block_case(case_id, "unsure", SYSTEM, a_desk(after(12)), until=after(30))
    play_until(after(30))
    assert "second_letter" not in states_of(receivable_id)
    play(after(31))
    assert read_case(case_id).status == "running"
    assert states_of(receivable_id)["second_letter"] == "done"


def test_what_was_planned_is_taken_back_and_made_anew(app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    delayed = a_desk(after(10), pinned=False, delay=dt.timedelta(seconds=30))
    start_case(case_id, an_actor(case_id), delayed)
    receivable_id = read_case(case_id).receivable_id
    assert states_of(receivable_id)["first_letter"] == "planned"
    block_case(case_id, "unsure", SYSTEM, a_desk(after(10)))
    assert states_of(receivable_id)["first_letter"] == "superseded"
    unblock_case(case_id, SYSTEM, a_desk(after(14)))
    play(after(14))
    assert states_of(receivable_id)["first_letter"] == "done"


def test_a_dispute_blocks_the_case_until_it_is_resolved_and_unblocked(each_app: Flask) -> None:
    case_id = a_case("running")
    receivable_id, support = read_case(case_id).receivable_id, an_actor(case_id, "support")
    record_dispute(receivable_id, "never arrived", support, a_desk(after(12)))
    assert (read_case(case_id).status, read_case(case_id).blocked_reason) == ("blocked", "dispute")
    with pytest.raises(Refused):
        unblock_case(case_id, support, a_desk(after(13)))
    resolve_dispute(receivable_id, "found at the neighbour's", support, a_desk(after(14)))
    assert read_case(case_id).status == "blocked"
    unblock_case(case_id, support, a_desk(after(14)))
    assert read_case(case_id).status == "running"


def test_a_dispute_at_the_partner_leaves_the_status(app: Flask) -> None:
    case_id = a_case("handed_over")
    record_dispute(read_case(case_id).receivable_id, "too much", SYSTEM, a_desk(after(40)))
    assert read_case(case_id).status == "handed_over"
    assert read_receivable(read_case(case_id).receivable_id).disputed


def test_a_dispute_before_a_case_is_a_red_point_and_stops_reminders(app: Flask) -> None:
    receivable_id = a_receivable()
    record_dispute(receivable_id, "wrong size", SYSTEM, a_desk(after(2)))
    play_until(after(9))
    assert "payment_reminder" not in states_of(receivable_id)
    resolve_dispute(receivable_id, "exchanged", SYSTEM, a_desk(after(9)))
    play(after(10))
    assert read_case(find_case(receivable_id)).status == "running"


def test_a_promise_blocks_the_case_until_the_promised_day(each_app: Flask) -> None:
    case_id = a_case("running")
    receivable_id = read_case(case_id).receivable_id
    record_promise(receivable_id, after(25), 100_00, SYSTEM, a_desk(after(12)))
    case = read_case(case_id)
    assert (case.status, case.blocked_reason, case.blocked_until) == ("blocked", "promise", after(25))
    play_until(after(26))
    assert read_case(case_id).status == "running"
    assert states_of(receivable_id)["second_letter"] == "done"


def test_a_dispute_outlasts_the_promise_that_blocked_the_case_before(app: Flask) -> None:
    case_id = a_case("running")
    receivable_id, support = read_case(case_id).receivable_id, an_actor(case_id, "support")
    record_promise(receivable_id, after(15), 100_00, SYSTEM, a_desk(after(12)))
    record_dispute(receivable_id, "never arrived", support, a_desk(after(13)))
    case = read_case(case_id)
    assert (case.status, case.blocked_reason, case.blocked_until) == ("blocked", "dispute", None)
    play_until(after(17))
    with pytest.raises(Refused):
        unblock_case(case_id, support, a_desk(after(17)))
    assert read_case(case_id).status == "blocked"


def test_a_promise_still_open_blocks_on_when_the_dispute_is_settled(app: Flask) -> None:
    case_id = a_case("running")
    receivable_id = read_case(case_id).receivable_id
    record_dispute(receivable_id, "never arrived", SYSTEM, a_desk(after(12)))
    record_promise(receivable_id, after(25), 100_00, SYSTEM, a_desk(after(12)))
    resolve_dispute(receivable_id, "found at the neighbour's", SYSTEM, a_desk(after(13)))
    case = read_case(case_id)
    assert (case.status, case.blocked_reason, case.blocked_until) == ("blocked", "promise", after(25))
    play_until(after(26))
    assert states_of(receivable_id)["second_letter"] == "done"


def test_a_disputed_case_blocked_for_another_reason_waits_for_the_settlement(app: Flask) -> None:
    case_id = a_case("running")
    receivable_id, support = read_case(case_id).receivable_id, an_actor(case_id, "support")
    block_case(case_id, "unsure", support, a_desk(after(12)), until=after(14))
    record_dispute(receivable_id, "never arrived", support, a_desk(after(13)))
    play_until(after(16))
    assert read_case(case_id).status == "blocked"
    with pytest.raises(Refused):
        unblock_case(case_id, support, a_desk(after(16)))
    resolve_dispute(receivable_id, "it did", support, a_desk(after(16)))
    assert read_case(case_id).status == "running"


def test_a_promise_before_a_case_moves_the_dunning_date(app: Flask) -> None:
    receivable_id = a_receivable()
    record_promise(receivable_id, after(14), 100_00, SYSTEM, a_desk(after(6)))
    play_until(after(15))
    assert read_case(find_case(receivable_id)).opened_on == after(15)


@pytest.mark.parametrize(("until", "cents"), [(after(11), 100), (after(13), 0)])
def test_a_promise_is_about_the_future_and_about_money(app: Flask, until: dt.date, cents: int) -> None:
    with pytest.raises(ValueError, match="future"):
        record_promise(a_receivable(), until, cents, SYSTEM, a_desk(after(12)))


def test_nobody_blocks_what_is_not_there(app: Flask) -> None:
    with pytest.raises(NotFound):
        block_case(4711, "unsure", SYSTEM, a_desk())
    with pytest.raises(NotFound):
        record_dispute(4711, "", SYSTEM, a_desk())


def test_a_mandate_without_success_closes_the_case_and_scheme_2_cancels_the_order(each_app: Flask) -> None:
    case_id = a_case("handed_over")
    end_mandate(case_id, a_desk(after(60)), terminated=False, reason="nothing to seize")
    assert (read_case(case_id).status, order_of(case_id).cancelled_on) == ("closed", after(60))
    assert last_change(case_id) == ("end_mandate", "handed_over", "closed", "nothing to seize")


def test_scheme_3_leaves_the_order(app: Flask) -> None:
    case_id = a_case("handed_over", vendor={"incasso_schema": 3})
    end_mandate(case_id, a_desk(after(60)), terminated=False, reason="nothing to seize")
    assert (read_case(case_id).status, order_of(case_id).cancelled_on) == ("closed", None)


def test_a_mandate_the_partner_terminates_cancels_the_case_only(app: Flask) -> None:
    case_id = a_case("handed_over")
    end_mandate(case_id, a_desk(after(60)), terminated=True, reason="moved away")
    assert (read_case(case_id).status, order_of(case_id).cancelled_on) == ("cancelled", None)


def test_an_order_cancelled_by_a_mandates_end_ends_its_other_cases(app: Flask) -> None:
    order_id = an_order(rates=2)
    play_until(after(41))
    first, second = (find_case(find_receivable(order_id, rate)) for rate in (1, 2))
    assert (read_case(first).status, read_case(second).status) == ("handed_over", "running")
    end_mandate(first, a_desk(after(42)), terminated=False, reason="nothing to seize")
    assert (read_case(first).status, read_case(second).status) == ("closed", "cancelled")


def test_only_a_case_at_the_partner_has_a_mandate_to_end(app: Flask) -> None:
    case_id = a_case("running")
    with pytest.raises(Refused):
        end_mandate(case_id, a_desk(after(12)), terminated=True, reason="")
