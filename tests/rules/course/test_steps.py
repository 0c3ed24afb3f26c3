"""The plan a page shows: which steps a receivable takes and on which days, done, skipped and still to come."""

import datetime as dt
from dataclasses import replace

import pytest

from dunning.rules.course import steps
from dunning.rules.course.steps import dunning_date, find_land, find_trouble, plan, select_kinds
from dunning.rules.facts import CaseFacts, Facts, StepFacts
from dunning.rules.policy import load_policy
from dunning.rules.terms import STEP_KINDS
from tests.rules.course.story import POLICY, some_facts

DUE = dt.date(2013, 1, 2)


def day(number: int) -> dt.date:
    return DUE + dt.timedelta(days=number)


def dates(facts: Facts, today: dt.date = DUE, policy=POLICY) -> dict[str, int]:
    """Each planned step with its day, counted from the due date."""
    return {step.kind: (step.due - DUE).days for step in plan(facts, policy, today)}


def done(kind: str, number: int, deadline: int | None = None) -> StepFacts:
    last = None if deadline is None else day(deadline)
    return StepFacts(kind, "done", day(number), done_on=day(number), deadline=last)


def a_case(opened: int = 10, status: str = "running", **changes) -> CaseFacts:
    return replace(CaseFacts(1, status, day(opened), "automatic", 2), **changes)


def test_the_whole_plan_is_known_from_the_first_day():
    assert dates(some_facts()) == {
        "service_call": 1,
        "payment_reminder": 5,
        "first_letter": 10,
        "first_call": 11,
        "second_letter": 20,
        "second_call": 21,
        "handover": 34,
    }


def test_the_steps_stand_in_their_order_and_planned_letters_have_a_deadline():
    planned = plan(some_facts(plan="instalments"), POLICY, DUE)
    assert tuple(step.kind for step in planned) == STEP_KINDS
    assert [step.kind for step in planned if step.deadline] == ["first_letter", "second_letter"]
    assert {step.state for step in planned} == {"planned"}


def test_what_is_done_stays_where_it_happened_and_the_rest_follows_it():
    facts = some_facts(steps=(done("first_letter", 14, 21),), case=a_case())
    planned = dates(facts, day(15))
    assert (planned["first_letter"], planned["first_call"], planned["second_letter"]) == (14, 15, 24)


def test_a_skipped_step_is_shown_with_its_reason():
    skipped = StepFacts("payment_reminder", "skipped", day(5), reason="no_email")
    step = next(s for s in plan(some_facts(steps=(skipped,)), POLICY, day(6)) if s.kind == "payment_reminder")
    assert (step.state, step.stored.reason, step.done_on) == ("skipped", "no_email", None)


def test_the_first_letter_of_a_receivable_without_a_case_is_never_planned_in_the_past():
    assert dates(some_facts(), day(50))["first_letter"] == 50


@pytest.mark.parametrize("status", ["awaiting_approval", "failed"])
def test_a_waiting_case_would_send_its_letter_today(status):
    planned = dates(some_facts(case=a_case(status=status)), day(30))
    assert (planned["first_letter"], planned["second_letter"]) == (30, 40)


def test_a_late_start_moves_the_letters_but_not_stage_one():
    planned = dates(some_facts(case=a_case(started_on=day(25))), day(25))
    assert (planned["payment_reminder"], planned["first_letter"], planned["second_letter"]) == (5, 25, 35)


def test_a_case_waiting_for_consent_plans_its_handover_for_today():
    letters = (done("first_letter", 10, 19), done("second_letter", 20, 30))
    facts = some_facts(steps=letters, case=a_case(status="ready_for_handover"))
    assert dates(facts, day(60))["handover"] == 60


def test_only_stage_one_is_planned_for_methods_that_are_only_reminded():
    assert list(dates(some_facts(method="credit_card"))) == ["service_call", "payment_reminder"]


def test_a_chargeback_plans_the_handover_alone():
    facts = some_facts(method="sepa", charged_back_on=day(40))
    assert dates(facts, day(40)) == {"handover": 40}


def test_without_a_due_date_nothing_is_planned():
    facts = replace(some_facts(), due_date=None)
    assert plan(facts, POLICY, DUE) == ()
    assert dunning_date(facts, POLICY) is None


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({}, "unpaid"),
        ({"failed_on": DUE}, "failed"),
        ({"charged_back_on": DUE}, "charged_back"),
        ({"failed_on": DUE, "charged_back_on": DUE}, "charged_back"),
    ],
)
def test_a_payment_that_was_taken_back_is_worse_than_one_that_failed(changes, trouble):
    assert find_trouble(some_facts(**changes)) == trouble


@pytest.mark.parametrize(("number", "left_out"), [(1, set()), (2, {"service_call"}), (6, {"service_call"})])
def test_only_the_first_instalment_gets_the_service_call(number, left_out):
    kinds = select_kinds(some_facts(plan="instalments", rate_number=number, rates=6), POLICY)
    assert set(STEP_KINDS) - set(kinds) == left_out


@pytest.mark.parametrize(("promised", "expected"), [(None, 10), (3, 10), (9, 10), (10, 11), (14, 15)])
def test_a_promise_moves_the_dunning_date_to_the_day_after_it_only_when_that_is_later(promised, expected):
    until = None if promised is None else day(promised)
    assert dunning_date(some_facts(promised_until=until), POLICY) == day(expected)


def test_days_are_policy():
    policy = load_policy(
        "[steps.payment_reminder]\nafter_days = 3\n[steps.first_letter]\nafter_days = 7\ndeadline_days = 14"
    )
    planned = dates(some_facts(), DUE, policy)
    assert (planned["payment_reminder"], planned["first_letter"]) == (3, 7)
    assert planned["second_letter"] == 22  # the first letter's deadline is day 21


def test_the_second_letter_keeps_its_distance_to_the_due_date_too():
    policy = load_policy("[steps.second_letter]\nafter_days = 30")
    assert dates(some_facts(), DUE, policy)["second_letter"] == 30


def test_the_first_letter_never_precedes_its_case():
    assert dates(some_facts(case=a_case(opened=17)), day(17))["first_letter"] == 17


@pytest.mark.parametrize(
    ("buyer", "land"),
    [
        ({}, "BE"),
        ({"zipcode": "50667"}, "NW"),
        ({"zipcode": "17337"}, None),
        ({"zipcode": ""}, None),
        ({"zipcode": "1010", "country": "AT"}, None),
    ],
)
def test_the_land_counts_only_when_the_postcode_lies_in_one(buyer, land):
    assert find_land(some_facts(**buyer)) == land


def test_each_call_knows_its_letter_and_what_overtakes_it():
    assert steps.CALL_OF == {"first_call": "first_letter", "second_call": "second_letter"}
    assert steps.OVERTAKEN_BY == {
        "service_call": "first_letter",
        "first_call": "second_letter",
        "second_call": "handover",
    }


def test_a_handover_of_an_earlier_round_counts_no_more_but_letters_do():
    handed_over = StepFacts("handover", "done", day(34), done_on=day(34))
    letter = done("first_letter", 10, 19)
    facts = some_facts(steps=(letter, handed_over), case=a_case(round=2))
    assert facts.step("handover") is None
    assert facts.next_round("handover") == 2
    assert facts.step("first_letter") == letter
    assert facts.next_round("first_letter") == 2


def test_a_superseded_step_counts_as_not_there():
    facts = some_facts(steps=(StepFacts("first_letter", "superseded", day(10)),))
    assert facts.step("first_letter") is None
    assert facts.next_round("first_letter") == 2
