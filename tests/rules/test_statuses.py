"""The transition table: who may change which status into which by which verb; everything else is refused."""

import itertools

import pytest

from dunning.rules import statuses
from dunning.rules.statuses import CHANGES, Refused, allowed_verbs, cancel_target, check_change

ACTORS = ("system", "vendor", "support")
EVERYBODY, PEOPLE, SYSTEM = ACTORS, ("vendor", "support"), ("system",)
STORED = (
    "awaiting_approval",
    "running",
    "ready_for_handover",
    "handed_over",
    "blocked",
    "paid",
    "failed",
    "cancelled",
    "closed",
)
# the design's table, written out: (from, to, verb) -> who
TABLE = {
    (None, "awaiting_approval", "open"): SYSTEM,
    (None, "running", "open"): SYSTEM,
    (None, "failed", "open"): SYSTEM,
    ("awaiting_approval", "running", "start"): PEOPLE,
    ("failed", "running", "start"): PEOPLE,
    ("ready_for_handover", "running", "start"): PEOPLE,
    ("running", "ready_for_handover", "await_consent"): SYSTEM,
    ("running", "handed_over", "accept_claim"): SYSTEM,
    ("running", "failed", "fail"): SYSTEM,
    ("handed_over", "failed", "fail"): SYSTEM,
    ("awaiting_approval", "closed", "cancel"): EVERYBODY,
    ("failed", "closed", "cancel"): EVERYBODY,
    ("running", "cancelled", "cancel"): EVERYBODY,
    ("ready_for_handover", "cancelled", "cancel"): EVERYBODY,
    ("blocked", "cancelled", "cancel"): EVERYBODY,
    ("failed", "cancelled", "cancel"): EVERYBODY,
    ("handed_over", "cancelled", "end_mandate"): SYSTEM,
    ("handed_over", "closed", "end_mandate"): SYSTEM,
    ("awaiting_approval", "blocked", "block"): ("support", "system"),
    ("running", "blocked", "block"): ("support", "system"),
    ("ready_for_handover", "blocked", "block"): ("support", "system"),
    ("failed", "blocked", "block"): ("support", "system"),
    ("blocked", "awaiting_approval", "unblock"): ("support", "system"),
    ("blocked", "running", "unblock"): ("support", "system"),
    ("blocked", "ready_for_handover", "unblock"): ("support", "system"),
    ("blocked", "failed", "unblock"): ("support", "system"),
    ("awaiting_approval", "paid", "pay"): SYSTEM,
    ("running", "paid", "pay"): SYSTEM,
    ("ready_for_handover", "paid", "pay"): SYSTEM,
    ("handed_over", "paid", "pay"): SYSTEM,
    ("blocked", "paid", "pay"): SYSTEM,
    ("failed", "paid", "pay"): SYSTEM,
    ("paid", "awaiting_approval", "charge_back"): SYSTEM,
    ("paid", "running", "charge_back"): SYSTEM,
    ("paid", "handed_over", "charge_back"): SYSTEM,
    ("handed_over", "awaiting_approval", "charge_back"): SYSTEM,
    ("handed_over", "running", "charge_back"): SYSTEM,
    ("paid", "awaiting_approval", "reverse_payment"): ("system", "support"),
    ("paid", "running", "reverse_payment"): ("system", "support"),
    ("paid", "ready_for_handover", "reverse_payment"): ("system", "support"),
    ("paid", "handed_over", "reverse_payment"): ("system", "support"),
    ("paid", "blocked", "reverse_payment"): ("system", "support"),
    ("paid", "failed", "reverse_payment"): ("system", "support"),
    ("closed", "awaiting_approval", "reopen"): PEOPLE,
    ("closed", "failed", "reopen"): PEOPLE,
    ("cancelled", "running", "reopen"): PEOPLE,
    ("cancelled", "ready_for_handover", "reopen"): PEOPLE,
    ("cancelled", "blocked", "reopen"): PEOPLE,
    ("cancelled", "failed", "reopen"): PEOPLE,
    ("running", "awaiting_approval", "undo_start"): ("vendor",),
    ("running", "failed", "undo_start"): ("vendor",),
    ("running", "ready_for_handover", "undo_start"): ("vendor",),
}
VERBS = sorted({verb for _, _, verb in TABLE})


def is_allowed(source, target, verb, actor) -> bool:
    try:
        check_change(source, target, verb, actor)
    except Refused:
        return False
    return True


@pytest.mark.parametrize("source", [None, *STORED])
@pytest.mark.parametrize("actor", ACTORS)
def test_exactly_the_tables_changes_are_allowed(source, actor):
    for target, verb in itertools.product(STORED, VERBS):
        expected = actor in TABLE.get((source, target, verb), ())
        assert is_allowed(source, target, verb, actor) == expected, (source, target, verb, actor)


def test_the_table_says_no_change_twice():
    changes = [(change.source, change.target, change.verb) for change in CHANGES]
    assert len(changes) == len(set(changes)) == len(TABLE)


def test_an_unknown_verb_is_refused():
    assert not is_allowed("running", "paid", "set_paid", "support")


def test_no_change_leads_nowhere():
    assert not any(change.source == change.target for change in CHANGES)


def test_overdue_is_shown_but_never_stored():
    assert statuses.OVERDUE in statuses.ALL
    assert statuses.OVERDUE not in statuses.STORED
    assert not any("overdue" in (change.source, change.target) for change in CHANGES)


def test_there_are_ten_statuses_three_of_them_terminal():
    assert len(statuses.ALL) == 10
    assert {"paid", "cancelled", "closed"} == statuses.TERMINAL
    assert set(statuses.OPEN) | statuses.TERMINAL == set(STORED)


def test_paid_is_reached_by_booked_money_only_never_by_a_person():
    assert {change.verb for change in CHANGES if change.target == "paid"} == {"pay"}
    assert all(change.actors == ("system",) for change in CHANGES if change.verb == "pay")


@pytest.mark.parametrize("status", ["handed_over", "paid", "cancelled", "closed"])
def test_a_vendor_can_neither_start_nor_cancel_there(status):
    assert not {"start", "cancel"} & set(allowed_verbs(status, "vendor"))


@pytest.mark.parametrize(
    ("status", "actor", "verbs"),
    [
        ("awaiting_approval", "vendor", ("start", "cancel")),
        ("awaiting_approval", "support", ("start", "cancel", "block")),
        ("running", "vendor", ("cancel", "undo_start")),
        ("running", "support", ("cancel", "block")),
        ("ready_for_handover", "vendor", ("start", "cancel")),
        ("handed_over", "vendor", ()),
        ("blocked", "vendor", ("cancel",)),
        ("blocked", "support", ("cancel", "unblock")),
        ("failed", "vendor", ("start", "cancel")),
        ("paid", "vendor", ()),
        ("paid", "support", ("reverse_payment",)),
        ("cancelled", "vendor", ("reopen",)),
        ("closed", "support", ("reopen",)),
    ],
)
def test_what_a_person_may_do_is_read_from_the_table(status, actor, verbs):
    assert allowed_verbs(status, actor) == verbs


def test_a_refusal_names_the_status_the_verb_and_what_is_allowed():
    with pytest.raises(Refused, match=r"vendor while the case is blocked; allowed: cancel$") as caught:
        check_change("blocked", "running", "start", "vendor")
    refused = caught.value
    assert (refused.status, refused.verb, refused.actor) == ("blocked", "start", "vendor")
    assert refused.allowed == ("cancel",)


@pytest.mark.parametrize(
    ("status", "any_letter", "target"),
    [
        ("awaiting_approval", False, "closed"),
        ("failed", False, "closed"),
        ("failed", True, "cancelled"),
        ("running", False, "cancelled"),
        ("running", True, "cancelled"),
        ("ready_for_handover", True, "cancelled"),
        ("blocked", False, "cancelled"),
    ],
)
def test_cancel_closes_what_never_began_and_cancels_the_rest(status, any_letter, target):
    assert cancel_target(status, any_letter) == target
    check_change(status, target, "cancel", "vendor")
