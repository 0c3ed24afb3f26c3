"""Cancel, a corrected address, settings and notes: each does its one thing and writes it down."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, text

from dunning import effects
from dunning.actions.case.add_note import add_note
from dunning.actions.case.cancel import cancel_case
from dunning.actions.case.correct_address import Address, correct_address
from dunning.actions.dossier.refusals import InReview, NotFound, SettingsLocked
from dunning.actions.people.change_settings import change_settings
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.records import db
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.records.people import IncassoSettings
from dunning.rules.gates import Settings
from dunning.rules.statuses import Refused
from dunning.work import Actor
from tests.builders import (
    a_case,
    a_desk,
    a_user,
    a_vendor,
    after,
    an_actor,
    an_order,
    empty_queue,
    find_case,
    find_receivable,
    play_until,
    read_case,
    read_case_dossier,
    read_dossier,
    read_history,
    states_of,
)

pytestmark = pytest.mark.usefixtures("quick_press")

GOOD = Address("Lindenstraße", "12", "Hinterhaus", "50674", "Köln", "DE")


# --- Cancel ---


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("awaiting_approval", "closed"),
        ("failed", "closed"),
        ("rejected", "cancelled"),
        ("running", "cancelled"),
        ("ready_for_handover", "cancelled"),
        ("blocked", "cancelled"),
    ],
)
def test_cancel_closes_before_any_letter_and_cancels_after(each_app: Flask, status: str, end: str) -> None:
    case_id = a_case(status)
    before = read_case(case_id).status
    cancel_case(case_id, an_actor(case_id), a_desk(after(40)))
    assert (read_case(case_id).status, read_case(case_id).ended_on) == (end, after(40))
    row = read_history(case_id)[-1]
    assert (row.verb, row.from_status, row.to_status) == ("cancel", before, end)


@pytest.mark.parametrize("status", ["handed_over", "paid", "cancelled", "closed"])
def test_what_is_over_or_at_the_partner_cannot_be_cancelled(each_app: Flask, status: str) -> None:
    case_id = a_case(status)
    with pytest.raises(Refused):
        cancel_case(case_id, an_actor(case_id), a_desk(after(40)))
    assert read_case(case_id).status == status


def test_a_claim_under_review_is_frozen(each_app: Flask) -> None:
    case_id = a_case("in_review")
    assert read_case(case_id).claim_in_review
    with pytest.raises(InReview):
        cancel_case(case_id, an_actor(case_id), a_desk(after(40)))
    with pytest.raises(InReview):
        correct_address(case_id, GOOD, an_actor(case_id), a_desk(after(40)))
    assert read_case(case_id).status == "running"


def test_cancel_takes_back_what_has_not_begun(each_app: Flask) -> None:
    case_id = a_case("running", day=19)
    run_day(a_desk(after(20)))
    cancel_case(case_id, an_actor(case_id), a_desk(after(20)))
    empty_queue()
    states = states_of(read_case(case_id).receivable_id)
    assert states == {
        "service_call": "lapsed",
        "payment_reminder": "done",
        "first_letter": "done",
        "first_call": "lapsed",
        "second_letter": "superseded",
    }
    play_until(after(60))
    assert states_of(read_case(case_id).receivable_id) == states


def test_cancel_leaves_the_order_and_its_other_instalments_alone(each_app: Flask) -> None:
    order_id = an_order(rates=2)
    play_until(after(12))
    case_id = find_case(find_receivable(order_id, 1))
    cancel_case(case_id, an_actor(case_id), a_desk(after(12)))
    play_until(after(41))
    other = read_case(find_case(find_receivable(order_id, 2)))
    assert (other.status, read_case_dossier(case_id).order.cancelled_on) == ("running", None)


# --- Address ---


def test_a_corrected_address_keeps_what_it_was_before(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    vendor = an_actor(case_id)
    correct_address(case_id, GOOD, vendor, a_desk(after(11)))
    buyer = read_case_dossier(case_id).buyer
    assert (buyer.street, buyer.details, buyer.zipcode) == ("Lindenstraße", "Hinterhaus", "50674")
    row = read_history(case_id)[-1]
    assert (row.verb, row.user_id, row.to_status) == ("correct_address", vendor.user_id, None)
    assert row.detail["before"]["street"] == "Am Beispielbach"
    assert sorted(row.detail["changed"]) == ["city", "details", "house_number", "street", "zipcode"]


def test_a_letter_that_waited_for_an_address_goes_out_with_it(each_app: Flask) -> None:
    case_id = a_case("running", day=12)
    correct_address(case_id, replace(GOOD, zipcode=""), an_actor(case_id), a_desk(after(13)))
    play_until(after(25))
    assert "second_letter" not in states_of(read_case(case_id).receivable_id)
    correct_address(case_id, GOOD, an_actor(case_id), a_desk(after(25)))
    empty_queue()
    assert states_of(read_case(case_id).receivable_id)["second_letter"] == "done"


def test_a_letter_under_way_for_another_instalment_notices_a_corrected_address(each_app: Flask) -> None:
    order_id = an_order(a_vendor(handover_threshold=1_000_000_00), rates=2)
    play_until(after(39))
    run_day(a_desk(after(40)))
    (effect,) = db.session.scalars(select(Effect).where(Effect.kind == "first_letter", Effect.state == "due"))
    claimed = effects.take(effect.id, read_now(), after(40))
    version = read_dossier(find_receivable(order_id, 2)).receivable.version
    case_id = find_case(find_receivable(order_id, 1))
    correct_address(case_id, GOOD, an_actor(case_id), a_desk(after(40)))
    assert not effects.enter_data(claimed, version, read_now())


@pytest.mark.parametrize("status", ["handed_over", "paid", "cancelled", "closed"])
def test_an_address_is_not_corrected_any_more(each_app: Flask, status: str) -> None:
    case_id = a_case(status)
    with pytest.raises(Refused):
        correct_address(case_id, GOOD, an_actor(case_id), a_desk(after(40)))


def test_anothers_address_is_not_found(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    stranger = replace(an_actor(case_id), vendor_id=a_vendor())
    for verb, word in ((correct_address, GOOD), (add_note, "?")):
        with pytest.raises(NotFound):
            verb(case_id, word, stranger, a_desk(after(11)))
    assert read_case_dossier(case_id).buyer.street == "Am Beispielbach"


# --- Notes ---


def test_a_note_stands_in_the_history_and_moves_nothing(each_app: Flask) -> None:
    case_id = a_case("running")
    add_note(case_id, "  rief an ", an_actor(case_id, "support"), a_desk(after(11)))
    row = read_history(case_id)[-1]
    assert (row.verb, row.reason, row.actor, row.to_status) == ("note", "rief an", "support", None)
    assert read_case(case_id).status == "running"


# --- Settings ---

AUTOMATIC = Settings(scheme=2, review=False)


def read_rows(vendor_id: int) -> list[History]:
    db.session.rollback()
    return list(
        db.session.scalars(select(History).where(History.vendor_id == vendor_id).order_by(History.id))
    )


@pytest.fixture
def undecided(each_app: Flask) -> tuple[int, Actor]:
    """A vendor that has not chosen yet, and its user."""
    vendor_id = a_vendor(incasso_schema=0, incasso_review=True)
    return vendor_id, Actor("vendor", a_user(vendor_id=vendor_id), vendor_id)


def test_the_first_choice_is_free_and_starts_the_thirty_days(undecided) -> None:
    vendor_id, actor = undecided
    change_settings(vendor_id, AUTOMATIC, actor, a_desk(after(0)))
    with pytest.raises(SettingsLocked) as locked:
        change_settings(vendor_id, replace(AUTOMATIC, scheme=3), actor, a_desk(after(29)))
    assert locked.value.until == after(30)
    change_settings(vendor_id, replace(AUTOMATIC, scheme=3), actor, a_desk(after(30)))
    assert db.session.get_one(IncassoSettings, vendor_id).incasso_schema == 3


def test_all_but_the_scheme_can_change_every_day(undecided) -> None:
    vendor_id, actor = undecided
    change_settings(vendor_id, AUTOMATIC, actor, a_desk())
    change_settings(vendor_id, replace(AUTOMATIC, threshold=500_00, remainder="pursue"), actor, a_desk())
    row = read_rows(vendor_id)[-1]
    assert (row.verb, row.user_id) == ("change_settings", actor.user_id)
    assert row.detail == {"threshold": [0, 500_00], "remainder": ["forgive_small", "pursue"]}


def test_a_locked_change_changes_nothing_at_all(undecided) -> None:
    vendor_id, actor = undecided
    change_settings(vendor_id, AUTOMATIC, actor, a_desk())
    with pytest.raises(SettingsLocked):
        change_settings(vendor_id, Settings(scheme=1, threshold=1), actor, a_desk(after(1)))
    assert db.session.get_one(IncassoSettings, vendor_id).handover_threshold == 0
    assert len(read_rows(vendor_id)) == 1


def test_the_operator_overrides_the_thirty_days_and_starts_them_anew(undecided) -> None:
    vendor_id, actor = undecided
    change_settings(vendor_id, AUTOMATIC, actor, a_desk())
    operator = Actor("system")
    change_settings(vendor_id, replace(AUTOMATIC, scheme=1), operator, a_desk(after(3)), override=True)
    with pytest.raises(SettingsLocked) as locked:
        change_settings(vendor_id, AUTOMATIC, actor, a_desk(after(31)))
    assert locked.value.until == after(33)
    assert read_rows(vendor_id)[-1].actor == "system"


def test_the_same_settings_again_write_no_history(undecided) -> None:
    vendor_id, actor = undecided
    change_settings(vendor_id, AUTOMATIC, actor, a_desk())
    change_settings(vendor_id, AUTOMATIC, actor, a_desk())
    assert len(read_rows(vendor_id)) == 1


def test_an_unknown_vendor_has_no_settings(each_app: Flask) -> None:
    with pytest.raises(NotFound):
        change_settings(4711, AUTOMATIC, Actor("system"), a_desk())


def test_settings_move_no_open_case_but_a_waiting_one_follows_the_scheme(each_app: Flask) -> None:
    running, waiting = a_case("running"), a_case("awaiting_approval")
    for case_id in (running, waiting):
        vendor_id = read_case(case_id).vendor_id
        wanted = Settings(scheme=1, review=True)
        change_settings(vendor_id, wanted, Actor("system"), a_desk(after(11)), override=True)
    assert [read_case(c).status for c in (running, waiting)] == ["running", "awaiting_approval"]
    assert [read_case_dossier(c).read_facts().scheme for c in (running, waiting)] == [2, 1]


def test_supports_look_up_of_settings_runs_unchanged(each_app: Flask) -> None:
    a_vendor(8, incasso_schema=1, incasso_review=True)
    query = """SELECT CASE incasso_review WHEN TRUE THEN 'Yes' WHEN FALSE THEN 'No' END AS incasso_review, CASE
        incasso_schema WHEN 0 THEN 'Not chosen' WHEN 1 THEN 'Dunning and cancel' WHEN 2 THEN 'Collection and cancel'
        WHEN 3 THEN 'Collection and court' END AS incasso_schema FROM incasso_settings WHERE user_id = 8;"""
    assert db.session.execute(text(query)).all() == [("Yes", "Dunning and cancel")]


def test_no_verb_writes_outside_its_transaction(each_app: Flask) -> None:
    case_id = a_case("running")
    read_case(case_id).status = "paid"
    with pytest.raises(RuntimeError, match="outside of transaction"):
        db.session.commit()
    db.session.rollback()
    assert db.session.scalars(select(Effect.state).distinct()).all() == ["done"]
