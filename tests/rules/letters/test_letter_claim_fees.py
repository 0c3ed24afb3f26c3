"""What a letter costs, and that its lines add up to the claim whatever the ledger holds."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.rules.facts import Entry, Facts
from dunning.rules.letters.lines import list_position, price_claim, price_letter
from dunning.rules.money.claim import compute_claim
from dunning.rules.policy import load_policy
from dunning.rules.terms import ENTRY_KINDS
from tests.rules.course.story import POLICY, a_story, some_facts
from tests.rules.course.test_agenda_opening import running_story, tell_letters
from tests.rules.money.test_claim import DAY, day, defaulted

ON = day("2026-02-12")


def fee_of(facts: Facts, kind: str = "second_letter", on: dt.date = ON, policy=POLICY) -> tuple | None:
    fee = price_letter(kind, facts, policy, on)
    return (fee.kind, fee.cents, fee.value_date) if fee else None


# fees ----------------------------------------------------------------------------------------------------


def test_the_first_letter_causes_default_and_is_free():
    assert fee_of(some_facts(), "first_letter") is None
    assert fee_of(defaulted(), "first_letter") is None


def test_a_consumer_in_default_owes_one_euro_for_the_second_letter():
    assert fee_of(defaulted()) == ("fee", 1_00, ON)


def test_a_business_in_default_owes_the_lump_sum_instead():
    assert fee_of(defaulted(company="Muster AG")) == ("lump_sum", 40_00, ON)


def test_a_business_owes_the_lump_sum_once_per_receivable():
    earlier = Entry("lump_sum", 40_00, DAY)
    assert fee_of(defaulted(earlier, company="Muster AG")) is None


@pytest.mark.parametrize("company", ["", "Muster AG"])
def test_nobody_owes_a_fee_who_is_not_in_default(company):
    assert fee_of(some_facts(company=company)) is None
    last_day = DAY - dt.timedelta(days=1)
    assert fee_of(defaulted(company=company), on=last_day) is None
    assert fee_of(defaulted(company=company), on=DAY) is not None


@pytest.mark.parametrize("company", ["", "Muster AG"])
def test_a_letter_about_what_is_left_of_a_paid_principal_is_free(company):
    paid = Entry("payment", -1_000_00, ON)
    assert fee_of(defaulted(paid, company=company)) is None
    assert fee_of(defaulted(replace(paid, cents=-999_99), company=company)) is not None


def test_a_consumers_letter_never_costs_more_than_the_cap():
    policy = load_policy("[fees]\nconsumer_letter = 250")
    assert fee_of(defaulted(), policy=policy) == ("fee", 2_50, ON)


def test_a_fee_of_nothing_is_no_entry():
    assert fee_of(defaulted(), policy=load_policy("[fees]\nconsumer_letter = 0")) is None


def test_the_story_posts_the_fee_with_the_second_letter_only():
    story = tell_letters(running_story())
    assert [(e.kind, e.cents, e.value_date) for e in story.facts.entries[1:]] == [
        ("fee", 1_00, story.date(20))
    ]


def test_each_receivable_of_a_business_has_its_own_lump_sum():
    stories = [tell_letters(running_story(company="Muster AG")) for _ in range(3)]
    assert sum(entry.cents for story in stories for entry in story.facts.entries[1:]) == 3 * 40_00


def test_nothing_is_owed_for_a_story_that_ends_before_the_second_letter():
    story = a_story()
    story.day(1).expect("service_call")
    assert len(story.facts.entries) == 1


# lines ---------------------------------------------------------------------------------------------------


def printed(facts: Facts, on: dt.date) -> list[tuple[str, int]]:
    position, charges = list_position(facts, compute_claim(facts, POLICY, on))
    return [(line.kind, line.cents) for line in (*position.lines, *charges)]


def test_the_letters_own_fee_is_in_its_claim():
    facts = defaulted()
    priced, claim = price_claim(facts, POLICY, price_letter("second_letter", facts, POLICY, ON), ON)
    assert claim.total == 1_000_00 + 2_06 + 1_00
    assert priced.entries[-1] == Entry("fee", 1_00, ON)


def test_interest_taken_back_is_not_printed_beside_the_one_computation():
    facts = defaulted(Entry("interest", 2_00, ON), Entry("reversal", -2_00, ON, "interest"))
    assert printed(facts, ON) == [("principal", 1_000_00), ("interest", 2_06)]


def test_a_fee_taken_back_stands_among_the_charges():
    facts = defaulted(Entry("fee", 1_00, DAY), Entry("reversal", -1_00, ON, "fee"))
    assert printed(facts, ON)[2:] == [("fee", 1_00), ("reversal", -1_00)]


kinds = [kind for kind in ENTRY_KINDS if kind not in ("principal", "reversal")]
entries = st.builds(
    lambda kind, cents, days: Entry(kind, cents, DAY + dt.timedelta(days=days)),
    st.sampled_from(kinds),
    st.integers(-300_00, 300_00),
    st.integers(-20, 120),
)
reversals = st.builds(
    lambda kind, cents, days: Entry("reversal", cents, DAY + dt.timedelta(days=days), kind),
    st.sampled_from([kind for kind in ENTRY_KINDS if kind != "reversal"]),
    st.integers(-300_00, 300_00),
    st.integers(-20, 120),
)


@given(ledger=st.lists(st.one_of(entries, reversals), max_size=7), days=st.integers(0, 150))
def test_the_lines_add_up_to_the_total_whatever_the_ledger_holds(ledger, days):
    facts, on = defaulted(*ledger), DAY + dt.timedelta(days=days)
    assert sum(cents for _, cents in printed(facts, on)) == compute_claim(facts, POLICY, on).total
