"""Whatever becomes known in whatever order, settled as often as one likes: one ledger in the end."""

import datetime as dt
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.rules.facts import CaseFacts, Entry, Facts, StepFacts
from dunning.rules.money.claim import compute_claim, sum_entries
from dunning.rules.money.interest import accrue_interest
from dunning.rules.money.settlement import settle
from tests.rules.course.story import POLICY
from tests.rules.money.ledger import number_entries, post_settlement, sum_lines
from tests.rules.money.test_claim import DAY, defaulted

TODAY = DAY + dt.timedelta(days=250)
LETTER = DAY + dt.timedelta(days=3)
CENTS = 300_00
CASE = CaseFacts(1, "running", DAY - dt.timedelta(days=12))
HANDOVER_ON = DAY + dt.timedelta(days=16)
HANDOVER = StepFacts("handover", "done", HANDOVER_ON, done_on=HANDOVER_ON)

# what a bank, a shop and a letter book: a kind and the sign of what it does to the claim
SIGNS = {"payment": -1, "refund": -1, "chargeback": 1, "return_fee": 1}
amounts = st.one_of(st.integers(1, 400_00), st.sampled_from([1, 99_99, 100_00, 200_00, CENTS, CENTS + 2_68]))
days = st.integers(-30, 249).map(lambda number: DAY + dt.timedelta(days=number))
moves = st.builds(
    lambda kind, cents, on: Entry(kind, SIGNS[kind] * cents, on), st.sampled_from(list(SIGNS)), amounts, days
)
mistakes = st.tuples(amounts, days).map(
    lambda given: (
        Entry("payment", -given[0], given[1]),
        Entry("reversal", given[0], given[1], "payment"),
    )
)
fees = st.sampled_from([(), (Entry("fee", 1_00, LETTER),), (Entry("lump_sum", 40_00, LETTER),)])
rules = st.sampled_from(["forgive_small", "forgive", "pursue"])


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[Facts, list[Entry]]:
    """A receivable with its letter's fee, and what will become known of it."""
    steps = (*defaulted().steps, *draw(st.sampled_from([(), (HANDOVER,)])))
    facts = defaulted(*draw(fees), principal=CENTS, case=CASE, steps=steps, remainder=draw(rules))
    wrong = [entry for pair in draw(st.lists(mistakes, max_size=1)) for entry in pair]
    return facts, [*draw(st.lists(moves, max_size=6)), *wrong]


def know(facts: Facts, *entries: Entry) -> Facts:
    return number_entries(replace(facts, entries=(*facts.entries, *entries)))


def settled(facts: Facts, on: dt.date = TODAY) -> Facts:
    return post_settlement(facts, POLICY, on)[0]


@settings(max_examples=300)
@given(ledger=ledgers(), data=st.data())
def test_the_order_of_arrival_and_any_settling_in_between_changes_no_sum(ledger, data):
    facts, known = ledger
    expected = settled(know(facts, *known))
    for entry in data.draw(st.permutations(known)):
        facts = know(facts, entry)
        if data.draw(st.booleans()):
            facts = settled(facts)
    facts = settled(facts)
    assert sum_lines(facts) == sum_lines(expected)
    assert sum_entries(facts.entries, TODAY) == sum_entries(expected.entries, TODAY)


@settings(max_examples=200)
@given(ledger=ledgers(), played=st.lists(st.integers(-30, 249), max_size=5))
def test_settling_day_by_day_gives_what_settling_once_gives(ledger, played):
    facts, known = ledger
    facts = know(facts, *known)
    expected = settled(facts)
    for number in sorted(played):
        facts = settled(facts, DAY + dt.timedelta(days=number))
    assert sum_lines(settled(facts)) == sum_lines(expected)


@settings(max_examples=200)
@given(ledger=ledgers())
def test_settling_twice_posts_nothing(ledger):
    facts, known = ledger
    assert settle(settled(know(facts, *known)), POLICY, TODAY).postings == ()


@settings(max_examples=200)
@given(ledger=ledgers())
def test_every_entry_is_taken_back_at_most_once_and_by_an_entry_that_names_it(ledger):
    facts, known = ledger
    facts = settled(know(facts, *known))
    for entry in facts.entries:
        taken = sum(e.cents for e in facts.entries if e.reverses_id == entry.id)
        if entry.kind in ("interest", "remainder_forgiven", "fee", "lump_sum"):
            assert 0 <= -taken * (1 if entry.cents > 0 else -1) <= abs(entry.cents)
    mine = [e for e in facts.entries if e.kind == "reversal" and e.subject not in ("payment", "refund")]
    kinds = {entry.id: entry.kind for entry in facts.entries}
    assert all(e.reverses_id is not None and kinds[e.reverses_id] == e.reverses for e in mine)


@settings(max_examples=200)
@given(ledger=ledgers())
def test_posted_and_running_interest_stay_the_one_computation(ledger):
    facts, known = ledger
    facts = settled(know(facts, *known))
    bare = replace(facts, entries=tuple(e for e in facts.entries if e.subject != "interest"))
    found, alone = compute_claim(facts, POLICY, TODAY), compute_claim(bare, POLICY, TODAY)
    assert found.segments == alone.segments
    assert found.balance.interest + found.running == alone.interest


@settings(max_examples=200)
@given(ledger=ledgers())
def test_what_is_open_is_below_zero_only_when_overpaid(ledger):
    facts, known = ledger
    facts = settled(know(facts, *known))
    balance = sum_entries(facts.entries, TODAY)
    assert balance.forgiven >= 0
    if balance.outstanding < 0:
        assert balance.paid + balance.forgiven > balance.principal + balance.fees + balance.interest
    if balance.forgiven:
        assert balance.open_principal <= 0


@settings(max_examples=200)
@given(ledger=ledgers())
def test_allocations_sum_to_the_payments(ledger):
    facts, known = ledger
    facts = settled(know(facts, *[entry for entry in known if entry.kind != "chargeback"]))
    used = compute_claim(facts, POLICY, TODAY).allocations
    assert sum(a.cents for a in used) == -sum(e.cents for e in facts.entries if e.subject == "payment")
    assert all(a.cents == a.costs + a.interest + a.principal + a.surplus for a in used)


@given(
    principal=st.integers(1, 100_000_00),
    first=days,
    parts=st.lists(st.integers(1, 200), min_size=1, max_size=5),
    points=st.sampled_from([5, 9]),
)
def test_interest_of_a_split_period_differs_by_half_a_cent_a_segment_at_most(principal, first, parts, points):
    whole = accrue_interest(principal, first, first + dt.timedelta(days=sum(parts) - 1), points=points)
    pieces = []
    for length in parts:
        last = first + dt.timedelta(days=length - 1)
        pieces += accrue_interest(principal, first, last, points=points)
        first = last + dt.timedelta(days=1)
    difference = sum(s.cents for s in pieces) - sum(s.cents for s in whole)
    assert 2 * abs(difference) <= len(pieces) + len(whole)
