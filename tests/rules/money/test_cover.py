"""When a claim is covered, what happens to a remainder of fees and interest, and what is worth pursuing."""

import datetime as dt
from dataclasses import replace

import pytest

from dunning.rules.facts import CaseFacts, Entry, Facts, StepFacts
from dunning.rules.money.claim import compute_claim, sum_entries, worth_pursuing
from dunning.rules.money.settlement import settle
from tests.rules.course.story import POLICY
from tests.rules.money.ledger import post_settlement, sum_lines
from tests.rules.money.test_claim import LATER, day, defaulted, payment

PAID_ON = day("2026-05-10")
FEE = Entry("fee", 1_00, day("2026-02-12"))
LUMP_SUM = Entry("lump_sum", 40_00, day("2026-02-12"))
SMALL_INTEREST = 1_68  # 98 days on 100 EUR
RUNNING = CaseFacts(1, "running", day("2026-01-20"))
HANDOVER = StepFacts("handover", "done", day("2026-03-01"), done_on=day("2026-03-01"))
HANDED_OVER = replace(RUNNING, status="handed_over")


def a_paid_claim(*entries: Entry, cents: int = 100_00, principal: int = 100_00, **changes) -> Facts:
    changes.setdefault("case", RUNNING)
    return defaulted(*entries, payment(cents, str(PAID_ON)), principal=principal, **changes)


def is_covered(facts: Facts, on: dt.date = PAID_ON) -> bool:
    return post_settlement(facts, POLICY, on)[1]


def forgiven(facts: Facts, on: dt.date = PAID_ON) -> int:
    return sum_entries(post_settlement(facts, POLICY, on)[0].entries, on).forgiven


def a_handed_over_claim(*entries: Entry, **changes) -> Facts:
    """In default since 1 February, with the partner since 1 March, the interest of that day posted."""
    facts = a_paid_claim(*entries, case=HANDED_OVER, **changes)
    told = Entry("interest", 50, day("2026-03-01"), source="handover")
    return replace(facts, entries=(*facts.entries, told), steps=(*facts.steps, HANDOVER))


def test_a_claim_paid_with_fee_and_interest_is_covered_and_nothing_is_forgiven():
    facts = a_paid_claim(FEE, cents=100_00 + 1_00 + SMALL_INTEREST)
    assert is_covered(facts)
    assert forgiven(facts) == 0


def test_an_overpaid_claim_is_covered():
    facts = a_paid_claim(cents=200_00)
    assert is_covered(facts)
    assert forgiven(facts) == 0


def test_one_cent_of_principal_missing_covers_nothing_whatever_is_forgiven():
    assert not is_covered(a_paid_claim(cents=99_99, remainder="forgive"))


def test_a_claim_nobody_paid_is_not_covered():
    assert not is_covered(defaulted(remainder="forgive", case=RUNNING))


def test_a_claim_refunded_in_full_is_not_paid():
    refund = Entry("refund", -1_000_00, day("2026-03-01"))
    assert not is_covered(defaulted(refund, remainder="forgive", case=RUNNING))


@pytest.mark.parametrize("status", ["cancelled", "closed"])
def test_a_case_that_has_ended_is_not_covered_any_more(status):
    assert not is_covered(a_paid_claim(cents=200_00, case=replace(RUNNING, status=status)))


def test_what_is_paid_counts_against_the_principal_whatever_367_calls_it():
    facts = a_paid_claim(FEE)
    assert is_covered(facts)
    assert forgiven(facts) == 1_00 + SMALL_INTEREST
    assert compute_claim(facts, POLICY, PAID_ON).principal_left == 1_00 + SMALL_INTEREST


@pytest.mark.parametrize(("fee", "covered"), [(3_31, True), (3_32, False)])
def test_forgive_small_forgives_under_five_euros(fee, covered):
    facts = a_paid_claim(Entry("fee", fee, day("2026-02-12")), remainder="forgive_small")
    assert is_covered(facts) is covered
    assert bool(forgiven(facts)) is covered


@pytest.mark.parametrize(
    ("remainder", "covered"), [("forgive_small", False), ("forgive", True), ("pursue", False)]
)
def test_a_large_remainder_is_forgiven_only_always(remainder, covered):
    assert is_covered(a_paid_claim(LUMP_SUM, remainder=remainder)) is covered


def test_pursue_forgives_not_even_a_cent():
    assert not is_covered(a_paid_claim(Entry("fee", 1, day("2026-02-12")), remainder="pursue", steps=()))


def test_the_claim_is_nothing_after_its_remainder_was_forgiven_and_stays_nothing():
    settled, _ = post_settlement(a_paid_claim(FEE), POLICY, PAID_ON)
    days = (PAID_ON, LATER, day("2036-08-31"))
    assert [compute_claim(settled, POLICY, on).total for on in days] == [0, 0, 0]


def test_a_payment_booked_late_is_judged_as_of_its_value_date():
    facts = a_paid_claim(FEE)
    late, in_time = (post_settlement(facts, POLICY, on)[0] for on in (LATER, PAID_ON))
    assert sum_lines(late) == sum_lines(in_time)
    assert compute_claim(late, POLICY, LATER).total == 0


def test_two_payments_of_one_day_are_judged_together():
    half = payment(50_00, str(PAID_ON))
    facts = defaulted(half, half, principal=100_00, case=RUNNING)
    assert is_covered(facts)
    assert forgiven(facts) == SMALL_INTEREST


def test_a_chargeback_after_forgiving_leaves_the_claim_as_if_never_paid():
    settled, _ = post_settlement(a_paid_claim(FEE), POLICY, PAID_ON)
    taken_back = Entry("chargeback", 100_00, day("2026-05-20"))
    facts, covered = post_settlement(
        replace(settled, entries=(*settled.entries, taken_back)), POLICY, taken_back.value_date
    )
    claim = compute_claim(facts, POLICY, LATER)
    assert not covered
    assert claim.principal_left == 100_00
    assert {segment.principal for segment in claim.segments} == {100_00}
    assert claim.total == 100_00 + 1_00 + claim.interest


def test_what_was_forgiven_stays_forgiven_under_a_stricter_setting():
    settled, _ = post_settlement(a_paid_claim(FEE), POLICY, PAID_ON)
    vendor = replace(settled.vendor, settings=replace(settled.vendor.settings, remainder="pursue"))
    assert settle(replace(settled, vendor=vendor), POLICY, LATER).postings == ()


# covered as it was handed over ---------------------------------------------------------------------------


def test_after_handover_the_remainder_is_judged_as_the_claim_was_handed_over():
    """4.00 of fee and 0.50 of interest were handed over; the interest since then is more than 5.00."""
    fee = Entry("fee", 4_00, day("2026-02-12"))
    facts = a_handed_over_claim(fee)
    assert is_covered(facts)
    assert forgiven(facts) == 4_00 + SMALL_INTEREST
    assert not is_covered(replace(facts, case=RUNNING, steps=facts.steps[:1]))


def test_the_claim_as_handed_over_paid_to_the_cent_is_paid_even_when_the_rest_is_pursued():
    facts = a_handed_over_claim(FEE, cents=100_00 + 1_00 + 50, remainder="pursue")
    assert is_covered(facts)
    assert forgiven(facts) == SMALL_INTEREST - 50


def test_one_cent_less_than_was_handed_over_is_pursued():
    assert not is_covered(a_handed_over_claim(FEE, cents=100_00 + 1_00 + 49, remainder="pursue"))


# worth pursuing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fee", "worth"), [(9_99, False), (10_00, True)])
def test_a_remainder_is_handed_over_from_ten_euros(fee, worth):
    facts = a_paid_claim(Entry("fee", fee, day("2026-02-12")), steps=())
    assert worth_pursuing(facts, POLICY, LATER) is worth


def test_the_interest_that_runs_on_a_remainder_counts_towards_the_ten_euros():
    facts, _ = post_settlement(
        a_paid_claim(Entry("fee", 8_31, day("2026-02-12")), remainder="pursue"), POLICY, PAID_ON
    )
    assert compute_claim(facts, POLICY, PAID_ON).total == 9_99
    days = [PAID_ON + dt.timedelta(days=number) for number in range(40)]
    first = next(on for on in days if worth_pursuing(facts, POLICY, on))
    assert compute_claim(facts, POLICY, first).total == 10_00
    assert sum_entries(facts.entries, first).outstanding == 9_99


def test_an_open_principal_is_always_worth_pursuing():
    assert worth_pursuing(a_paid_claim(cents=99_99), POLICY, LATER)


def test_what_comes_tomorrow_does_not_count_today():
    facts = a_paid_claim()
    before = PAID_ON - dt.timedelta(days=1)
    assert worth_pursuing(facts, POLICY, before)
    assert not is_covered(facts, before)
    assert sum_entries(facts.entries, before).paid == 0
