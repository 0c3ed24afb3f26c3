"""The red and green points as decisions: what must be green for a case to open, to start and to be handed over."""

import datetime as dt
from dataclasses import replace

import pytest

from dunning.rules.course.eligibility import (
    HANDOVER_POINTS,
    OPEN_POINTS,
    START_POINTS,
    Eligibility,
    check,
    check_unknown,
)
from dunning.rules.facts import CaseFacts, Entry, Facts, StepFacts
from dunning.rules.policy import load_policy
from tests.rules.course.story import CENTS, POLICY, some_facts

DUE = dt.date(2013, 1, 2)
LATE = dt.date(2013, 2, 5)
GROUPS = {
    "one_off": ("is_one_off",),
    "instalment": ("is_instalment",),
    "chargeback": ("charged_back",),
    "order": (
        "order_exists",
        "not_test",
        "not_refunded",
        "not_cancelled",
        "open_amount",
        "currency",
        "method_allowed",
        "no_dispute",
    ),
    "deadline": ("due_date_known", "due_date_passed", "dunning_date_reached"),
    "buyer": ("name", "street", "house_number", "zipcode", "city", "country", "email"),
    "vendor": ("vendor_active", "scheme_chosen"),
    "handover": ("letters_sent", "deadline_passed", "not_blocked", "not_time_barred"),
}
OPENS = {*GROUPS["order"], *GROUPS["deadline"]} - {"no_dispute"}
STARTS = OPENS | {"no_dispute", *GROUPS["buyer"], *GROUPS["vendor"], "not_time_barred"}
STARTS -= {"email"}
HANDS_OVER = STARTS | {"letters_sent", "deadline_passed", "not_blocked"}
LETTERS = (
    StepFacts("first_letter", "done", DUE, done_on=dt.date(2013, 1, 12), deadline=dt.date(2013, 1, 21)),
    StepFacts("second_letter", "done", DUE, done_on=dt.date(2013, 1, 22), deadline=dt.date(2013, 2, 1)),
)


def ready_facts(**changes) -> Facts:
    """Everything is green for the handover on 5 February."""
    return some_facts(**({"steps": LETTERS, "case": CaseFacts(1, "running", DUE, "automatic", 2)} | changes))


def look(facts: Facts, on: dt.date = LATE, policy=POLICY) -> Eligibility:
    return check(facts, policy, on)


def red_keys(found: Eligibility) -> set[str]:
    return {point.key for group in found.groups for point in group.points if not point.ok}


def allowed(found: Eligibility) -> tuple[bool, bool, bool]:
    return found.may_open, found.may_start, found.may_hand_over


# the groups ----------------------------------------------------------------------------------------------


def test_the_groups_and_points_are_the_designs():
    found = look(ready_facts())
    assert {group.key: tuple(point.key for point in group.points) for group in found.groups} == GROUPS


def test_the_decisions_need_exactly_the_designs_points():
    assert set(OPEN_POINTS) == OPENS
    assert set(START_POINTS) == STARTS
    assert set(HANDOVER_POINTS) == HANDS_OVER


def test_a_good_claim_after_both_letters_may_do_everything():
    found = look(ready_facts())
    assert allowed(found) == (True, True, True)
    assert red_keys(found) == {"is_instalment", "charged_back"}


@pytest.mark.parametrize(
    ("changes", "way"),
    [({}, "one_off"), ({"plan": "instalments"}, "instalment"), ({"plan": "subscription"}, "instalment")],
)
def test_one_way_in_is_enough_and_those_that_cannot_apply_are_folded(changes, way):
    found = look(ready_facts(**changes))
    assert found.one_way_in
    ways = found.groups[:3]
    assert [group.key for group in ways if group.ok] == [way]
    assert [group.key for group in ways if not group.folded] == [way]


def test_a_chargeback_is_a_way_in_of_its_own():
    found = look(ready_facts(method="sepa", charged_back_on=LATE, case=None))
    assert [group.key for group in found.groups[:3] if group.ok] == ["one_off", "chargeback"]


# each point red: what it stops ---------------------------------------------------------------------------

BLOCKED = CaseFacts(1, "blocked", DUE, "automatic", 2)
STOPS_OPENING = {
    "not_test": {"test_payment": True},
    "not_cancelled": {"cancelled": True},
    "currency": {"currency": "USD"},
    "method_allowed": {"method": "paypal"},
    "open_amount": {"entries": (Entry("principal", CENTS, DUE), Entry("payment", -CENTS, DUE))},
    "due_date_passed dunning_date_reached": {"due_date": LATE},
    "dunning_date_reached": {"promised_until": LATE, "case": None},
    "due_date_known due_date_passed dunning_date_reached": {"due_date": None},
    "not_refunded open_amount": {
        "entries": (Entry("principal", CENTS, DUE), Entry("refund", -CENTS, DUE)),
    },
}
STOPS_START = {
    "no_dispute": {"disputed": True},
    "name": {"last_name": " "},
    "street": {"street": ""},
    "house_number": {"house_number": ""},
    "zipcode": {"zipcode": "1011"},
    "city": {"city": " "},
    "country": {"country": ""},
    "vendor_active": {"active": False},
    "scheme_chosen": {"scheme": 0, "case": None},
    "not_time_barred": {"due_date": dt.date(2009, 12, 31)},
}
STOPS_HANDOVER = {
    "letters_sent deadline_passed": {"steps": LETTERS[:1]},
    "deadline_passed": {"steps": (LETTERS[0], replace(LETTERS[1], deadline=LATE))},
    "not_blocked": {"case": BLOCKED},
}


@pytest.mark.parametrize("keys", STOPS_OPENING)
def test_a_red_order_or_deadline_point_stops_everything(keys):
    found = look(ready_facts(**STOPS_OPENING[keys]))
    assert set(keys.split()) <= red_keys(found)
    assert red_keys(found) - set(keys.split()) <= {"is_instalment", "charged_back"}
    assert allowed(found) == (False, False, False)


def test_a_promise_on_a_case_is_a_matter_of_its_block_and_turns_no_point_red():
    assert allowed(look(ready_facts(promised_until=LATE))) == (True, True, True)


@pytest.mark.parametrize("keys", STOPS_START)
def test_a_red_buyer_or_vendor_point_stops_start_and_handover_but_not_the_opening(keys):
    found = look(ready_facts(**STOPS_START[keys]))
    assert red_keys(found) - {"is_instalment", "charged_back"} == {keys}
    assert allowed(found) == (True, False, False)


@pytest.mark.parametrize("keys", STOPS_HANDOVER)
def test_a_red_handover_point_stops_only_the_handover(keys):
    found = look(ready_facts(**STOPS_HANDOVER[keys]))
    assert red_keys(found) - {"is_instalment", "charged_back"} == set(keys.split())
    assert allowed(found) == (True, True, False)


def test_every_point_was_seen_red_or_never_blocks():
    seen = {
        key
        for stops in (STOPS_OPENING, STOPS_START, STOPS_HANDOVER)
        for keys in stops
        for key in keys.split()
    }
    assert seen | {"order_exists"} == HANDS_OVER


@pytest.mark.parametrize("key", ["letters_sent deadline_passed", "deadline_passed", "not_blocked"])
def test_at_the_handover_these_wait(key):
    assert look(ready_facts(**STOPS_HANDOVER[key])).handover_failures == ()


def test_at_the_handover_a_dispute_waits():
    assert look(ready_facts(disputed=True)).handover_failures == ()


@pytest.mark.parametrize("key", ["name", "street", "city", "vendor_active", "not_time_barred"])
def test_at_the_handover_any_other_red_point_fails(key):
    failures = look(ready_facts(**STOPS_START[key])).handover_failures
    assert tuple(point.key for point in failures) == (key,)


def test_failures_are_named_in_the_order_of_the_panel():
    failures = look(ready_facts(city="", street="", test_payment=True)).handover_failures
    assert [point.key for point in failures] == ["not_test", "street", "city"]


# the address ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["", "kunde", "kunde@kunde"])
def test_a_bad_email_address_is_red_but_blocks_nothing(email):
    found = look(ready_facts(email=email))
    assert "email" in red_keys(found)
    assert allowed(found) == (True, True, True)
    assert next(group for group in found.groups if group.key == "buyer").ok


@pytest.mark.parametrize("key", ["street", "house_number", "zipcode", "city", "country"])
def test_an_incomplete_address_offers_the_form(key):
    found = look(ready_facts(**STOPS_START[key]))
    assert found.address_incomplete
    assert [point.form for point in found.red((key,))] == ["address"]


def test_a_complete_address_needs_no_form():
    assert not look(ready_facts(email="", last_name="")).address_incomplete


# chargebacks ---------------------------------------------------------------------------------------------


def test_for_a_chargeback_dates_and_letters_are_green():
    facts = some_facts(due="2013-03-01", method="sepa", charged_back_on=LATE, order_date=DUE)
    found = look(facts)
    assert allowed(found) == (True, True, True)
    waived = ("due_date_passed", "dunning_date_reached", "letters_sent", "deadline_passed")
    assert found.red(waived) == ()


def test_a_chargeback_still_needs_its_buyer_and_its_open_amount():
    found = look(some_facts(method="sepa", charged_back_on=LATE, city="", entries=()))
    assert {point.key for point in found.red(HANDOVER_POINTS)} == {"not_refunded", "open_amount", "city"}


# when it will appear -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "appears"),
    [
        ({}, "2013-01-12"),
        ({"promised_until": dt.date(2013, 1, 20)}, "2013-01-21"),
        ({"city": ""}, "2013-01-12"),
        ({"disputed": True}, "2013-01-12"),
        ({"method": "sepa", "failed_on": dt.date(2013, 1, 5)}, "2013-01-15"),
        ({"method": "sepa", "charged_back_on": dt.date(2013, 1, 4)}, "2013-01-04"),
    ],
)
def test_the_panel_says_from_when_a_receivable_will_be_dunned(changes, appears):
    assert look(some_facts(**changes), dt.date(2013, 1, 4)).appears_on == dt.date.fromisoformat(appears)


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "paypal"},
        {"test_payment": True},
        {"cancelled": True},
        {"due_date": None},
        {"currency": "CHF"},
        {"entries": (Entry("principal", CENTS, DUE), Entry("payment", -CENTS, DUE))},
        {"case": CaseFacts(1, "running", DUE)},
    ],
)
def test_what_will_not_appear_as_things_are_has_no_day(changes):
    assert look(some_facts(**changes), dt.date(2013, 1, 4)).appears_on is None


@pytest.mark.parametrize(("on", "opens"), [("2013-01-11", False), ("2013-01-12", True), ("2013-03-01", True)])
def test_a_case_opens_from_the_dunning_date_on(on, opens):
    assert look(some_facts(), dt.date.fromisoformat(on)).may_open is opens


# the minimum claim, unknown orders -----------------------------------------------------------------------


@pytest.mark.parametrize(("minimum", "ok"), [(0, True), (CENTS, True), (CENTS + 1, False)])
def test_below_the_minimum_claim_no_case_opens(minimum, ok):
    policy = load_policy(f"[limits]\nminimum_claim = {minimum}")
    assert look(some_facts(), LATE, policy).may_open is ok


def test_an_unknown_order_has_one_red_point_and_may_do_nothing():
    found = check_unknown()
    assert red_keys(found) == {"order_exists"}
    assert allowed(found) == (False, False, False)
    assert found.appears_on is None
