"""When to look again: looking only on the noted days decides the same as looking every day."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.rules.policy import load_policy
from tests.rules.course.story import CENTS, Story, some_facts

LAST_DAY = 50
SMALL_CLAIMS = load_policy("[limits]\nminimum_claim = 5000")


def pay_late(story: Story, cents: int, days: int) -> None:
    story.pay(cents, on=story.number + days)


def start_if_allowed(story: Story) -> None:
    if story.status in ("awaiting_approval", "ready_for_handover", "failed") and story.may_start:
        story.start()


def block_if_allowed(story: Story, days: int) -> None:
    if story.status in ("awaiting_approval", "running", "ready_for_handover", "failed"):
        story.block(until=story.number + days)


def cancel_if_allowed(story: Story) -> None:
    if story.status in ("awaiting_approval", "running", "ready_for_handover"):
        story.cancel()


EVENTS = st.one_of(
    st.tuples(st.just(pay_late), st.integers(1, CENTS), st.integers(-2, 4)),
    st.tuples(st.just(lambda story, days: story.promise(story.number + days)), st.integers(0, 12)),
    st.tuples(st.just(lambda story: story.dispute())),
    st.tuples(st.just(lambda story: story.settle_dispute())),
    st.tuples(st.just(block_if_allowed), st.integers(0, 9)),
    st.tuples(st.just(start_if_allowed)),
    st.tuples(st.just(cancel_if_allowed)),
    st.tuples(st.just(lambda story, email: story.correct(email=email)), st.sampled_from(["", "a@b.example"])),
    st.tuples(st.just(lambda story, city: story.correct(city=city)), st.sampled_from(["", "Berlin"])),
    st.tuples(st.just(lambda story: story.charge_back_paid())),
    st.tuples(st.just(lambda story: story.outage_until(story.number + 6))),
)
LIVES = st.dictionaries(st.integers(-6, LAST_DAY), EVENTS, max_size=6)
BEGINNINGS = st.fixed_dictionaries(
    {
        "due": st.dates(
            min_value=some_facts("2013-01-01").due_date, max_value=some_facts("2013-12-31").due_date
        ),
        "method": st.sampled_from(["invoice", "invoice", "invoice", "sepa", "credit_card", "test"]),
        "plan": st.sampled_from(["one_time_payment", "instalments"]),
        "rate_number": st.sampled_from([1, 2]),
        "scheme": st.sampled_from([0, 1, 2, 2, 3]),
        "review": st.booleans(),
        "threshold": st.sampled_from([0, CENTS - 1, CENTS]),
        "auto_chargebacks": st.booleans(),
        "remainder": st.sampled_from(["forgive_small", "forgive", "pursue"]),
        "company": st.sampled_from(["", "Muster AG"]),
        "email": st.sampled_from(["", "kunde@kunde.example"]),
    }
)


def tell_life(story: Story, life: dict) -> list[tuple[int, str]]:
    """Plays every day to the last; what people do comes after the day's run."""
    while story.number < LAST_DAY:
        story.number += 1
        story.run()
        if story.number in life:
            event, *arguments = life[story.number]
            event(story, *arguments)
    return story.log


@settings(deadline=None, max_examples=30)
@given(beginning=BEGINNINGS, life=LIVES, policy=st.sampled_from([load_policy(), SMALL_CLAIMS]))
def test_looking_on_the_noted_days_misses_no_decision(beginning, life, policy):
    facts = some_facts(**beginning)
    every_day = tell_life(Story(facts, policy), life)
    sparing = tell_life(Story(facts, policy, sparing=True), life)
    assert sparing == every_day


def test_a_part_payment_on_a_letters_day_does_not_hide_the_letter():
    for day, expected in ((10, "open"), (20, "second_letter")):
        story = Story(some_facts(), sparing=True)
        told = tell_life(story, {day - 1: (pay_late, 40_00, 1)})
        assert (day, expected) in told


def test_a_claim_that_fell_below_the_minimum_is_still_looked_at_for_its_handover():
    told = tell_life(Story(some_facts(), SMALL_CLAIMS, sparing=True), {20: (pay_late, 60_00, 0)})
    assert told[-1] == (34, "fail: open_amount")


def test_an_order_that_came_in_paid_and_charged_back_is_looked_at_on_the_day_it_was_taken_back():
    story = Story(some_facts(method="credit_card", auto_chargebacks=True), sparing=True)
    story.quiet_until(0)
    story.pay(on=0)
    story.quiet_until(30)
    story.charge_back()
    story.day(31).expect("open", "handover")


def test_the_day_after_a_promise_is_looked_at():
    story = Story(some_facts(), sparing=True)
    story.day(1).expect("service_call")
    story.promise(until=6)
    story.quiet_until(6)
    story.day(7).expect("payment_reminder")
    story.promise(until=17)
    story.quiet_until(17)
    story.day(18).expect("open", "lapse service_call", "first_letter")
