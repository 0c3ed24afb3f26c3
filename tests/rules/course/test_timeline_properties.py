"""Whatever days the clock is off and whatever happens in between: distances, order, and nothing is lost."""

import datetime as dt
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.rules import terms
from dunning.rules.calendar import land_of, next_working_day, nth_working_day_after
from dunning.rules.course import steps
from dunning.rules.course.agenda import Decision
from dunning.rules.course.eligibility import check
from dunning.rules.facts import StepFacts
from dunning.rules.money.claim import worth_pursuing
from dunning.rules.statuses import BLOCKED, RUNNING, TERMINAL
from tests.rules.course.story import POLICY, Story, some_facts
from tests.rules.course.test_agenda_next_look import BEGINNINGS, EVENTS

FIRST, LAST_EVENT, END = -7, 60, 190
DUE_DATES = st.dates(dt.date(2004, 1, 1), dt.date(2040, 12, 31))
PLACES = {"DE": ("10115", "80804", "01067", "50667", "14715"), "AT": ("1010",), "CH": ("8001",)}
ADDRESSES = st.sampled_from([(country, code) for country, codes in PLACES.items() for code in codes])
GAPS = st.lists(st.integers(1, 15), min_size=1, max_size=9)
LIVES = st.dictionaries(st.integers(FIRST, LAST_EVENT), EVENTS, max_size=8)
PAPER = (*terms.LETTERS, terms.HANDOVER)


class Watched(Story):
    """A story that looks at every decision before it is carried out."""

    def carry_out(self, decision: Decision) -> str:
        assert self.status not in TERMINAL, f"{decision} for a case that is {self.status}"
        assert decision.verb == "unblock" or self.status in ("none", RUNNING, BLOCKED)
        assert decision.verb == "unblock" or self.status != BLOCKED, f"{decision} for a blocked case"
        return super().carry_out(decision)


def played_days(gaps: list[int]) -> set[int]:
    """Days with a run: the gaps one after the other, every day after them."""
    days, day = set(), FIRST
    for gap in gaps:
        day += gap
        days.add(day)
    return days | set(range(day + 1, END + 1))


def tell_life(story: Story, played: set[int], life: dict, end: int = END) -> Story:
    """Plays the days there is a run on; what people and buyers do happens on any day, after its run."""
    for day in range(FIRST, end + 1):
        story.number = day
        if day in played:
            story.run()
        if day in life:
            event, *arguments = life[day]
            event(story, *arguments)
    return story


def done_paper(story: Story) -> list[StepFacts]:
    """Letters and handovers that happened, oldest first."""
    found = [step for step in story.facts.steps if step.kind in PAPER and step.state == "done"]
    return sorted(found, key=lambda step: step.done_on)


# whatever happens ----------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=80)
@given(beginning=BEGINNINGS, gaps=GAPS, life=LIVES, sparing=st.booleans())
def test_no_life_brings_two_letters_too_close_or_loses_a_step(beginning, gaps, life, sparing):
    story = tell_life(
        Watched(some_facts(**beginning), sparing=sparing), played_days(gaps), outages_aside(life)
    )
    check_distances(story)
    check_order(story)
    check_nothing_is_lost(story)


def outages_aside(life: dict) -> dict:
    """The gaps are told apart here."""
    return {day: event for day, event in life.items() if "outage" not in event[0].__code__.co_names}


def check_distances(story: Story) -> None:
    paper = done_paper(story)
    assert all(one.done_on < other.done_on for one, other in pairwise(paper)), "two on a day"
    letters = {step.kind: step for step in paper if step.kind in terms.LETTERS}
    second, first = letters.get(terms.SECOND_LETTER), letters.get(terms.FIRST_LETTER)
    if second:
        rule = POLICY.steps.second_letter
        assert first, "a second letter without a first"
        assert second.done_on >= first.done_on + dt.timedelta(days=rule.gap_days)
        assert second.done_on > first.deadline
    for handover in (step for step in paper if step.kind == terms.HANDOVER and second):
        assert handover.done_on >= end_of_grace(story, second.deadline) or story.facts.charged_back


def end_of_grace(story: Story, deadline: dt.date) -> dt.date:
    buyer = story.facts.buyer
    return nth_working_day_after(deadline, 2, land_of(buyer.country, buyer.zipcode))


def check_order(story: Story) -> None:
    """What was made for one round of a case was made in the order of the steps."""
    made = [word for _, word in story.log if word in terms.STEP_KINDS]
    rounds = made[: made.index(terms.HANDOVER) + 1] if terms.HANDOVER in made else made
    assert rounds == sorted(rounds, key=terms.STEP_KINDS.index)


def check_nothing_is_lost(story: Story) -> None:
    """In the end each step happened or says why not, or the case says why it stands still."""
    for step in story.facts.steps:
        assert step.reason or step.state in ("done", "planned"), f"{step} without a reason"
    found = check(story.facts, POLICY, story.today)
    if story.status == "none":
        assert not found.may_open
    elif story.status == "handed_over":
        missing = [kind for kind in steps.select_kinds(story.facts, POLICY) if not story.facts.step(kind)]
        assert missing == []
        assert not [s for s in story.facts.steps if s.state == "planned" and s.kind in terms.CALLS]
    elif story.status == RUNNING:
        assert not found.may_start or not worth_pursuing(story.facts, POLICY, story.today)


# nobody pays and nobody stops it -------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(due=DUE_DATES, place=ADDRESSES, plan=st.booleans(), rate=st.integers(1, 3))
def test_with_a_run_every_day_the_timeline_is_the_table(due, place, plan, rate):
    country, zipcode = place
    changes = {"plan": "instalments", "rates": 3, "rate_number": rate} if plan else {}
    story = Watched(some_facts(due, country=country, zipcode=zipcode, **changes))
    tell_life(story, set(range(FIRST, 50)), {}, end=49)
    assert {s.kind: (s.due_on - due).days for s in story.facts.steps} == table(due, place, plan, rate)
    assert all(step.done_on == step.due_on for step in done_paper(story))


def table(due: dt.date, place: tuple[str, str], plan: bool, rate: int) -> dict[str, int]:
    """The days of the product page."""
    land = land_of(*place)
    first_deadline = next_working_day(due + dt.timedelta(days=17), land)
    second = max(due + dt.timedelta(days=20), first_deadline + dt.timedelta(days=1))
    second_deadline = next_working_day(second + dt.timedelta(days=10), land)
    days = {"upcoming_reminder": -5} if plan else {}
    days |= {} if plan and rate > 1 else {"service_call": 1}
    return days | {
        "payment_reminder": 5,
        "first_letter": 10,
        "first_call": 11,
        "second_letter": (second - due).days,
        "second_call": (second - due).days + 1,
        "handover": (nth_working_day_after(second_deadline, 2, land) - due).days,
    }


@settings(deadline=None, max_examples=80)
@given(due=DUE_DATES, place=ADDRESSES, gaps=GAPS)
def test_with_the_clock_off_at_times_each_step_comes_with_the_first_run_that_may(due, place, gaps):
    country, zipcode = place
    played = played_days(gaps)
    story = tell_life(Watched(some_facts(due, country=country, zipcode=zipcode), sparing=True), played, {})
    dates = [(step.done_on - due).days for step in done_paper(story)]
    assert dates == first_runs(due, land_of(*place), sorted(played))
    for kind, day in (("service_call", 1), ("payment_reminder", 5)):
        run = next(number for number in sorted(played) if number >= day)
        assert (story.facts.step(kind).state == "skipped") == (run > day + 3)


def first_runs(due: dt.date, land: str | None, played: list[int]) -> list[int]:
    """The first run on or after each day that letters and handover may come."""

    def run_on(earliest: dt.date) -> dt.date:
        return due + dt.timedelta(
            days=next(day for day in played if due + dt.timedelta(days=day) >= earliest)
        )

    first = run_on(due + dt.timedelta(days=10))
    first_deadline = next_working_day(first + dt.timedelta(days=7), land)
    second = run_on(max(first + dt.timedelta(days=10), first_deadline + dt.timedelta(days=1)))
    second_deadline = next_working_day(second + dt.timedelta(days=10), land)
    handover = run_on(nth_working_day_after(second_deadline, 2, land))
    return [(day - due).days for day in (first, second, handover)]
