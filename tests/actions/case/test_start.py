"""Start: consent, red points, one-time keys, strangers; and Undo until something has begun."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dunning import effects
from dunning.actions.case.cancel import cancel_case
from dunning.actions.case.correct_address import Address, correct_address
from dunning.actions.case.start import start_case
from dunning.actions.case.undo import find_undo, undo_case
from dunning.actions.dossier.refusals import NotFound, RedPoints
from dunning.records import db
from dunning.records.effects import Effect
from dunning.records.people import FormKey
from dunning.rules.statuses import Refused
from tests.builders import (
    a_case,
    a_desk,
    a_vendor,
    after,
    an_actor,
    empty_queue,
    order_of,
    play,
    play_until,
    read_case,
    read_case_dossier,
    read_history,
    states_of,
)

pytestmark = pytest.mark.usefixtures("quick_press")

HALF_A_MINUTE = dt.timedelta(seconds=30)


def read_effects(case_id: int) -> list[Effect]:
    db.session.rollback()
    query = select(Effect).where(Effect.receivable_id == read_case(case_id).receivable_id)
    return list(db.session.scalars(query.order_by(Effect.id)))


def click(on: dt.date, **changes):
    """The desk of somebody who clicks: the day is the calendar's, mail and letters wait half a minute."""
    return a_desk(on, pinned=False, delay=HALF_A_MINUTE, **changes)


def test_start_consents_to_letters_and_handover(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    vendor = an_actor(case_id)
    start_case(case_id, vendor, a_desk(after(12)))
    case = read_case(case_id)
    assert (case.status, case.handover_consent, case.consent_by) == (
        "running",
        "start",
        f"user {vendor.user_id}",
    )
    assert (case.started_on, case.scheme) == (after(12), 2)
    empty_queue()
    play_until(after(12 + 30))
    assert read_case(case_id).status == "handed_over"


def test_start_writes_who_did_what_and_when(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    vendor, desk = an_actor(case_id), click(after(12))
    start_case(case_id, vendor, desk)
    row = read_history(case_id)[-1]
    assert (row.verb, row.from_status, row.to_status) == ("start", "awaiting_approval", "running")
    assert (row.actor, row.user_id, row.on_date, row.recorded_at) == (
        "vendor",
        vendor.user_id,
        after(12),
        desk.now,
    )


def test_a_late_start_sends_the_first_letter_at_once_and_the_second_ten_days_later(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    start_case(case_id, an_actor(case_id), a_desk(after(60)))
    play(after(60))
    play_until(after(75))
    done = {step.kind: step.done_on for step in read_case_dossier(case_id).steps if step.state == "done"}
    assert done == {
        "payment_reminder": after(5),
        "first_letter": after(60),
        "second_letter": after(70),
    }


def test_the_letter_of_a_click_waits_half_a_minute(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    desk = click(after(12))
    start_case(case_id, an_actor(case_id), desk)
    (effect,) = [e for e in read_effects(case_id) if e.kind == "first_letter"]
    assert effect.not_before == desk.now + HALF_A_MINUTE
    assert effects.take(effect.id, desk.now + HALF_A_MINUTE / 2, after(12)) is None


def test_start_with_red_points_names_them_and_changes_nothing(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval", house_number="", zipcode="999")
    before = len(read_history(case_id))
    with pytest.raises(RedPoints) as refusal:
        start_case(case_id, an_actor(case_id), a_desk(after(12)))
    assert [point.key for point in refusal.value.points] == ["house_number", "zipcode"]
    assert (read_case(case_id).status, len(read_history(case_id))) == ("awaiting_approval", before)
    assert {e.kind for e in read_effects(case_id)} == {"payment_reminder"}


def test_no_scheme_chosen_blocks_every_start(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval", vendor={"incasso_schema": 0})
    with pytest.raises(RedPoints, match="scheme_chosen"):
        start_case(case_id, an_actor(case_id), a_desk(after(12)))


@pytest.mark.parametrize("status", ["running", "blocked", "handed_over", "paid", "cancelled", "closed"])
def test_a_status_that_cannot_be_started_refuses_and_says_what_is_allowed(
    each_app: Flask, status: str
) -> None:
    case_id = a_case(status)
    with pytest.raises(Refused) as refusal:
        start_case(case_id, an_actor(case_id), a_desk(after(40)))
    assert refusal.value.status == status
    assert "start" not in refusal.value.allowed
    assert read_case(case_id).status == status


def test_anothers_case_is_not_found(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    stranger = replace(an_actor(case_id), vendor_id=a_vendor())
    for verb in (start_case, cancel_case, undo_case):
        with pytest.raises(NotFound):
            verb(case_id, stranger, a_desk(after(12)))
    with pytest.raises(NotFound):
        start_case(case_id + 1, an_actor(case_id), a_desk(after(12)))
    assert read_case(case_id).status == "awaiting_approval"


def test_starting_a_failed_case_clears_its_reasons(each_app: Flask) -> None:
    case_id = a_case("failed")
    assert read_case(case_id).failure_reasons == ["house_number"]
    with pytest.raises(RedPoints):
        start_case(case_id, an_actor(case_id), a_desk(after(12)))
    correct_house_number(case_id)
    start_case(case_id, an_actor(case_id), a_desk(after(12)))
    assert (read_case(case_id).status, read_case(case_id).failure_reasons) == ("running", [])


def correct_house_number(case_id: int) -> None:
    address = Address("Am Beispielbach", "4", "", "80804", "München", "DE")
    correct_address(case_id, address, an_actor(case_id), a_desk(after(11)))


def test_supports_start_leaves_the_handover_to_the_vendor(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    start_case(case_id, an_actor(case_id, "support"), a_desk(after(12)))
    assert (read_case(case_id).status, read_case(case_id).handover_consent) == ("running", "none")
    play(after(12))
    play_until(after(50))
    assert read_case(case_id).status == "ready_for_handover"


def test_start_of_a_ready_case_hands_it_over_at_once(each_app: Flask) -> None:
    case_id = a_case("ready_for_handover")
    start_case(case_id, an_actor(case_id), click(after(40)))
    (effect,) = [e for e in read_effects(case_id) if e.kind == "handover"]
    assert effect.not_before == click(after(40)).now
    empty_queue()
    assert read_case(case_id).status == "handed_over"


def test_start_of_a_ready_case_goes_through_the_points_again(each_app: Flask) -> None:
    case_id = a_case("ready_for_handover")
    with pytest.raises(RedPoints, match="not_time_barred"):
        start_case(case_id, an_actor(case_id), a_desk(dt.date(2030, 1, 2)))


def test_a_repeated_form_changes_nothing_the_second_time(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    vendor = an_actor(case_id, form_key="k" * 20, location="/cases")
    start_case(case_id, vendor, a_desk(after(12)))
    with pytest.raises(IntegrityError):
        start_case(case_id, vendor, a_desk(after(12)))
    undo_case(case_id, an_actor(case_id), a_desk(after(12)))
    with pytest.raises(IntegrityError):
        start_case(case_id, vendor, a_desk(after(12)))
    assert read_case(case_id).status == "awaiting_approval"
    assert db.session.scalars(select(FormKey.location)).all() == ["/cases"]


def test_a_refused_form_can_be_sent_again(each_app: Flask) -> None:
    case_id = a_case("failed")
    vendor = an_actor(case_id, form_key="k" * 20)
    with pytest.raises(RedPoints):
        start_case(case_id, vendor, a_desk(after(12)))
    correct_house_number(case_id)
    start_case(case_id, vendor, a_desk(after(12)))
    assert read_case(case_id).status == "running"


def test_of_two_starts_at_once_one_counts(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    actors = [an_actor(case_id) for _ in range(2)]

    def press(actor) -> str:
        with each_app.app_context():
            try:
                start_case(case_id, actor, a_desk(after(12)))
            except Refused:
                return "refused"
            return "started"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, actors)) == ["refused", "started"]
    assert [row.verb for row in read_history(case_id)].count("start") == 1
    assert [e.kind for e in read_effects(case_id)].count("first_letter") == 1


def test_of_two_arrivals_of_one_form_at_once_one_counts(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    actor = an_actor(case_id, form_key="k" * 20)

    def press(_number: int) -> str:
        with each_app.app_context():
            try:
                start_case(case_id, actor, a_desk(after(12)))
            except (Refused, IntegrityError):
                return "refused"
            return "started"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(press, range(4))) == ["refused"] * 3 + ["started"]
    assert db.session.scalars(select(FormKey.key)).all() == ["k" * 20]


# --- Undo ---


def test_start_can_be_undone_until_its_first_effect_is_claimed(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    start_case(case_id, an_actor(case_id), click(after(12)))
    assert find_undo(db.session(), read_case(case_id), after(12)).verb == "start"
    undo_case(case_id, an_actor(case_id), click(after(12)))
    case = read_case(case_id)
    assert (case.status, case.handover_consent, case.scheme) == ("awaiting_approval", "none", None)
    assert (case.started_on, case.consent_by, case.consent_at) == (None, None, None)
    empty_queue()
    assert states_of(case.receivable_id)["first_letter"] == "superseded"


def test_start_cannot_be_undone_once_its_letter_is_on_the_way(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    desk = click(after(12))
    start_case(case_id, an_actor(case_id), desk)
    effect = read_effects(case_id)[-1]
    assert effects.take(effect.id, desk.now + HALF_A_MINUTE, after(12))
    assert find_undo(db.session(), read_case(case_id), after(12)) is None
    with pytest.raises(Refused):
        undo_case(case_id, an_actor(case_id), click(after(12)))
    empty_queue()


def test_after_an_undone_start_the_next_start_sends_one_letter(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    start_case(case_id, an_actor(case_id), click(after(12)))
    undo_case(case_id, an_actor(case_id), click(after(12)))
    start_case(case_id, an_actor(case_id), click(after(12)))
    empty_queue()
    states = sorted((e.kind, e.state) for e in read_effects(case_id) if e.kind == "first_letter")
    assert states == [("first_letter", "done"), ("first_letter", "superseded")]


def test_undoing_the_start_of_a_failed_case_brings_its_reasons_back(each_app: Flask) -> None:
    case_id = a_case("rejected")
    before = read_case(case_id)
    reasons, note = before.failure_reasons, before.failure_note
    start_case(case_id, an_actor(case_id), click(after(40)))
    undo_case(case_id, an_actor(case_id), click(after(40)))
    case = read_case(case_id)
    assert (case.status, case.failure_reasons, case.failure_note) == ("failed", reasons, note)
    assert reasons == ["rejected"]
    assert note


def test_undoing_a_later_start_keeps_the_day_of_the_first(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    start_case(case_id, an_actor(case_id, "support"), a_desk(after(12)))
    play(after(12))
    play_until(after(50))
    start_case(case_id, an_actor(case_id), click(after(51)))
    undo_case(case_id, an_actor(case_id), click(after(51)))
    case = read_case(case_id)
    assert (case.status, case.started_on, case.handover_consent) == ("ready_for_handover", after(12), "none")


def test_cancel_can_be_undone_until_midnight(each_app: Flask) -> None:
    case_id = a_case("running")
    cancel_case(case_id, an_actor(case_id), click(after(11)))
    with pytest.raises(Refused):
        undo_case(case_id, an_actor(case_id), click(after(12)))
    undo_case(case_id, an_actor(case_id), click(after(11)))
    assert (read_case(case_id).status, read_case(case_id).ended_on) == ("running", None)
    assert order_of(case_id).cancelled_on is None
    play_until(after(21))
    assert states_of(read_case(case_id).receivable_id)["second_letter"] == "done"


def test_undoing_twice_is_refused(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    cancel_case(case_id, an_actor(case_id), click(after(11)))
    undo_case(case_id, an_actor(case_id), click(after(11)))
    with pytest.raises(Refused):
        undo_case(case_id, an_actor(case_id), click(after(11)))


def test_what_the_system_did_cannot_be_undone(each_app: Flask) -> None:
    case_id = a_case("paid")
    with pytest.raises(Refused):
        undo_case(case_id, an_actor(case_id), click(after(10)))


def test_undoing_the_cancel_of_a_blocked_case_blocks_it_again(each_app: Flask) -> None:
    case_id = a_case("blocked")
    cancel_case(case_id, an_actor(case_id), click(after(11)))
    undo_case(case_id, an_actor(case_id), click(after(11)))
    case = read_case(case_id)
    assert (case.status, case.blocked_from, case.blocked_reason) == ("blocked", "running", "unsure")
