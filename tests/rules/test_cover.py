"""When a claim is covered, what happens to a remainder of fees and interest, and what is worth pursuing."""

import datetime as dt
from dataclasses import replace

import pytest

from dunning.rules.claim import Cover, compute_claim, judge_cover, sum_entries, worth_pursuing
from dunning.rules.facts import Entry, Facts
from tests.rules.story import POLICY
from tests.rules.test_claim import LATER, day, defaulted, payment

PAID_ON = "2026-05-10"
FEE = Entry("fee", 1_00, day("2026-02-12"))
LUMP_SUM = Entry("lump_sum", 40_00, day("2026-02-12"))
INTEREST = 16_83  # 98 days on 1,000 EUR
SMALL_INTEREST = 1_68  # 98 days on 100 EUR


def a_paid_claim(*entries: Entry, cents: int = 100_00, principal: int = 100_00, **changes) -> Facts:
    return defaulted(*entries, payment(cents, PAID_ON), principal=principal, **changes)


def cover_on(facts: Facts, on: str = PAID_ON) -> Cover | None:
    return judge_cover(facts, POLICY, day(on))


def booked(facts: Facts, cover: Cover) -> Facts:
    """The ledger after the cover was posted."""
    posted = (
        Entry("interest", cover.interest, cover.value_date),
        Entry("remainder_forgiven", -cover.forgiven, cover.value_date),
    )
    return replace(facts, entries=(*facts.entries, *posted))


def test_a_claim_paid_with_fee_and_interest_is_covered_and_nothing_is_forgiven():
    facts = a_paid_claim(FEE, cents=100_00 + 1_00 + SMALL_INTEREST)
    assert cover_on(facts) == Cover(day(PAID_ON), SMALL_INTEREST, 0)


def test_an_overpaid_claim_is_covered():
    assert cover_on(a_paid_claim(cents=200_00)) == Cover(day(PAID_ON), SMALL_INTEREST, 0)


def test_one_cent_of_principal_missing_covers_nothing_whatever_is_forgiven():
    assert cover_on(a_paid_claim(cents=99_99, remainder="forgive")) is None


def test_a_claim_nobody_paid_is_not_covered():
    assert cover_on(defaulted(remainder="forgive")) is None


def test_a_claim_refunded_in_full_is_not_paid():
    assert cover_on(defaulted(Entry("refund", -1_000_00, day("2026-03-01")), remainder="forgive")) is None


def test_what_is_paid_counts_against_the_principal_whatever_367_calls_it():
    facts = a_paid_claim(FEE)
    assert cover_on(facts) == Cover(day(PAID_ON), SMALL_INTEREST, 1_00 + SMALL_INTEREST)
    claim = compute_claim(facts, POLICY, day(PAID_ON))
    assert claim.principal_left == 1_00 + SMALL_INTEREST


@pytest.mark.parametrize(("fee", "covered"), [(3_31, True), (3_32, False)])
def test_forgive_small_forgives_under_five_euros(fee, covered):
    facts = a_paid_claim(Entry("fee", fee, day("2026-02-12")), remainder="forgive_small")
    assert (cover_on(facts) is not None) == covered


@pytest.mark.parametrize(
    ("remainder", "covered"), [("forgive_small", False), ("forgive", True), ("pursue", False)]
)
def test_a_large_remainder_is_forgiven_only_always(remainder, covered):
    facts = a_paid_claim(LUMP_SUM, remainder=remainder)
    assert (cover_on(facts) is not None) == covered


def test_pursue_forgives_not_even_a_cent():
    assert cover_on(a_paid_claim(Entry("fee", 1, day("2026-02-12")), remainder="pursue", steps=())) is None


def test_the_claim_is_nothing_after_its_remainder_was_forgiven_and_stays_nothing():
    facts = a_paid_claim(FEE)
    settled = booked(facts, cover_on(facts))
    assert [
        compute_claim(settled, POLICY, day(on)).total for on in (PAID_ON, "2026-08-31", "2036-08-31")
    ] == [
        0,
        0,
        0,
    ]


def test_a_payment_booked_late_is_judged_as_of_its_value_date():
    facts = a_paid_claim(FEE)
    assert cover_on(facts, "2026-08-31") == cover_on(facts, PAID_ON)
    settled = booked(facts, cover_on(facts, "2026-08-31"))
    assert compute_claim(settled, POLICY, LATER).total == 0


def test_interest_posted_for_days_after_a_late_booked_payment_is_taken_back():
    posted = Entry("interest", SMALL_INTEREST + 50, day("2026-06-10"))
    facts = a_paid_claim(FEE, posted)
    assert cover_on(facts, "2026-06-11") == Cover(day(PAID_ON), -50, 1_00 + SMALL_INTEREST)


def test_two_payments_of_one_day_are_judged_together():
    half = payment(50_00, PAID_ON)
    facts = defaulted(half, half, principal=100_00)
    assert cover_on(facts) == Cover(day(PAID_ON), SMALL_INTEREST, SMALL_INTEREST)
    posted = replace(facts, entries=(*facts.entries, Entry("interest", SMALL_INTEREST, day(PAID_ON))))
    assert cover_on(posted) == Cover(day(PAID_ON), 0, SMALL_INTEREST)


def test_a_chargeback_after_forgiving_leaves_the_claim_as_if_never_paid():
    facts = a_paid_claim(FEE)
    cover = cover_on(facts)
    taken_back = (
        Entry("chargeback", 100_00, day("2026-05-20")),
        Entry("reversal", cover.forgiven, day("2026-05-20"), "remainder_forgiven"),
    )
    settled = booked(facts, cover)
    claim = compute_claim(replace(settled, entries=(*settled.entries, *taken_back)), POLICY, LATER)
    assert claim.principal_left == 100_00
    assert {segment.principal for segment in claim.segments} == {100_00}
    assert claim.total == 100_00 + 1_00 + claim.interest


# worth pursuing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fee", "worth"), [(9_99, False), (10_00, True)])
def test_a_remainder_is_handed_over_from_ten_euros(fee, worth):
    facts = a_paid_claim(Entry("fee", fee, day("2026-02-12")), steps=())
    assert worth_pursuing(facts, POLICY, LATER) is worth


def test_an_open_principal_is_always_worth_pursuing():
    assert worth_pursuing(a_paid_claim(cents=99_99), POLICY, LATER)


def test_what_comes_tomorrow_does_not_count_today():
    facts = a_paid_claim()
    before = day(PAID_ON) - dt.timedelta(days=1)
    assert worth_pursuing(facts, POLICY, before)
    assert judge_cover(facts, POLICY, before) is None
    assert sum_entries(facts.entries, before).paid == 0
