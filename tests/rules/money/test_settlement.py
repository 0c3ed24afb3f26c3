"""What follows from money, day by day: pay-outs, interest, fees, remainder, and their reversal when money is late."""

import datetime as dt
from dataclasses import replace

import pytest

from dunning.rules.facts import CaseFacts, Entry, Facts, StepFacts
from dunning.rules.money.claim import compute_claim, sum_entries
from dunning.rules.money.settlement import settle
from tests.rules.course.story import POLICY
from tests.rules.money.ledger import Line, number_entries, post_settlement
from tests.rules.money.test_claim import LATER, day, defaulted, payment

RUNNING = CaseFacts(1, "running", day("2026-01-20"))
LETTER = day("2026-02-12")
FEE = Entry("fee", 1_00, LETTER)
HANDOVER = StepFacts("handover", "done", day("2026-03-02"), done_on=day("2026-03-02"))


def a_ledger(*entries: Entry, **changes) -> Facts:
    """1,000 EUR in default since 1 February; its case is running."""
    changes.setdefault("case", RUNNING)
    return number_entries(defaulted(*entries, **changes))


def add(facts: Facts, *entries: Entry) -> Facts:
    return number_entries(replace(facts, entries=(*facts.entries, *entries)))


def settled(facts: Facts, on: str = "2026-08-31") -> Facts:
    return post_settlement(facts, POLICY, day(on))[0]


def refund(cents: int, on: str) -> Entry:
    return Entry("refund", -cents, day(on))


def mistaken(cents: int, on: str) -> Entry:
    """A payment booked in error is taken back on its own value date."""
    return Entry("reversal", cents, day(on), "payment")


def lines(facts: Facts, subject: str) -> list[Line]:
    """(kind, cents, value date) of all entries that change it, in the order they were posted."""
    return [(e.kind, e.cents, e.value_date) for e in facts.entries if e.subject == subject]


def corrected(facts: Facts, subject: str) -> list[tuple[int | None, dt.date]]:
    """Of every reversal: the cents and the day of the entry it points at."""
    entries = {entry.id: entry for entry in facts.entries}
    found = [e for e in facts.entries if e.kind == "reversal" and e.subject == subject]
    return [(entries[e.reverses_id].cents, entries[e.reverses_id].value_date) for e in found]


# pay-outs ------------------------------------------------------------------------------------------------


def test_a_refund_of_paid_money_is_paid_out_on_its_value_date():
    facts = settled(a_ledger(payment(300_00, "2026-01-05"), refund(50_00, "2026-01-09")))
    assert lines(facts, "payout") == [("reversal", 50_00, day("2026-01-09"))]
    assert corrected(facts, "payout") == [(-50_00, day("2026-01-09"))]


def test_a_refund_is_paid_out_only_as_far_as_it_had_been_paid():
    facts = settled(a_ledger(payment(30_00, "2026-01-05"), refund(50_00, "2026-01-09")))
    balance = sum_entries(facts.entries, LATER)
    assert (balance.principal, balance.paid) == (950_00, 0)


def test_a_refund_of_an_unpaid_claim_pays_nothing_out_and_the_rest_can_be_paid():
    facts = a_ledger(refund(600_00, "2026-01-09"), payment(400_00, "2026-01-15"))
    facts, covered = post_settlement(facts, POLICY, day("2026-01-15"))
    assert lines(facts, "payout") == []
    assert covered


def test_paid_300_refunded_50_charged_back_250_leaves_250_open():
    moved = (payment(300_00, "2026-01-05"), refund(50_00, "2026-01-09"))
    facts = settled(a_ledger(*moved, Entry("chargeback", 250_00, day("2026-01-12")), principal=300_00))
    assert sum_entries(facts.entries, day("2026-01-12")).open_principal == 250_00


def test_a_payment_of_an_earlier_day_known_late_was_paid_out_after_all():
    facts = settled(a_ledger(refund(50_00, "2026-01-09")))
    assert lines(facts, "payout") == []
    facts = settled(add(facts, payment(300_00, "2026-01-05")))
    assert lines(facts, "payout") == [("reversal", 50_00, day("2026-01-09"))]


def test_a_payment_that_was_none_was_never_paid_out():
    facts = settled(a_ledger(payment(300_00, "2026-01-05"), refund(50_00, "2026-01-09")))
    facts = settled(add(facts, mistaken(300_00, "2026-01-05")))
    assert lines(facts, "payout") == [("reversal", cents, day("2026-01-09")) for cents in (50_00, -50_00)]
    assert sum_entries(facts.entries, LATER).open_principal == 950_00


def test_two_refunds_pay_out_no_more_than_was_paid():
    moved = (refund(60_00, "2026-01-09"), refund(70_00, "2026-01-12"))
    facts = settled(a_ledger(payment(100_00, "2026-01-05"), *moved))
    assert [cents for _, cents, _ in lines(facts, "payout")] == [60_00, 40_00]
    assert [cents for cents, _ in corrected(facts, "payout")] == [-60_00, -70_00]


@pytest.mark.parametrize(
    "case", [None, replace(RUNNING, status="cancelled"), replace(RUNNING, status="closed")]
)
def test_without_an_open_or_paid_case_only_pay_outs_are_posted(case):
    moved = (FEE, payment(1_000_00, "2026-02-10"), refund(50_00, "2026-05-10"))
    facts = a_ledger(*moved, case=case)
    assert [(p.kind, p.cents) for p in settle(facts, POLICY, LATER).postings] == [("reversal", 50_00)]


# interest ------------------------------------------------------------------------------------------------


def test_a_payment_posts_the_interest_through_the_day_before_its_value_date():
    facts = settled(a_ledger(payment(300_00, "2026-05-10")))
    assert lines(facts, "interest") == [("interest", 16_83, day("2026-05-10"))]
    assert compute_claim(facts, POLICY, day("2026-05-09")).interest == 16_83


def test_two_payments_of_one_day_post_the_interest_once():
    facts = settled(a_ledger(payment(300_00, "2026-05-10"), payment(200_00, "2026-05-10")))
    assert lines(facts, "interest") == [("interest", 16_83, day("2026-05-10"))]


def test_each_payment_posts_what_the_one_before_it_has_not():
    facts = settled(a_ledger(payment(300_00, "2026-05-10"), payment(200_00, "2026-06-10")))
    whole = compute_claim(facts, POLICY, day("2026-06-09")).interest
    assert [(cents, on) for _, cents, on in lines(facts, "interest")] == [
        (16_83, day("2026-05-10")),
        (whole - 16_83, day("2026-06-10")),
    ]


def test_an_earlier_payment_known_late_takes_back_the_interest_that_never_ran():
    facts = settled(a_ledger(payment(300_00, "2026-05-10")))
    facts = settled(add(facts, payment(600_00, "2026-03-10")))
    early = 6_36  # 37 days on 1,000 EUR
    found = lines(facts, "interest")
    assert found[:2] == [("interest", 16_83, day("2026-05-10")), ("interest", early, day("2026-03-10"))]
    kind, cents, on = found[2]
    assert (kind, on) == ("reversal", day("2026-05-10"))
    assert corrected(facts, "interest") == [(16_83, day("2026-05-10"))]
    whole = compute_claim(facts, POLICY, day("2026-05-09")).interest
    assert 16_83 + early + cents == whole < 16_83


def test_a_payment_that_was_none_posts_no_interest_in_the_end():
    facts = settled(a_ledger(payment(300_00, "2026-05-10")))
    facts = settled(add(facts, mistaken(300_00, "2026-05-10")))
    assert [cents for _, cents, _ in lines(facts, "interest")] == [16_83, -16_83]
    assert compute_claim(facts, POLICY, LATER).total == compute_claim(a_ledger(), POLICY, LATER).total


def test_a_refund_or_a_chargeback_posts_no_interest():
    moved = (refund(100_00, "2026-03-10"), Entry("chargeback", 50_00, day("2026-04-10")))
    assert lines(settled(a_ledger(payment(50_00, "2026-01-15"), *moved)), "interest") == []


def a_handed_over_ledger(*entries: Entry) -> Facts:
    """The interest through the day of the handover, 2 March, was told to the partner."""
    case = replace(RUNNING, status="handed_over")
    facts = a_ledger(*entries, case=case)
    running = compute_claim(facts, POLICY, day("2026-03-02")).running
    told = Entry("interest", running, day("2026-03-02"), source="handover")
    return add(replace(facts, steps=(*facts.steps, HANDOVER)), told)


def test_what_was_told_at_the_handover_stands_that_day_included():
    facts = a_handed_over_ledger()
    assert settle(facts, POLICY, LATER).postings == ()
    assert sum_entries(facts.entries, LATER).interest == 5_15  # 30 days


def test_the_interest_of_the_handover_stands_while_the_claim_is_under_review():
    facts = a_handed_over_ledger()
    waiting = replace(facts, steps=(*facts.steps[:1], replace(HANDOVER, state="planned", done_on=None)))
    assert settle(waiting, POLICY, LATER).postings == ()


def test_a_payment_after_the_handover_posts_only_what_ran_since():
    facts = settled(add(a_handed_over_ledger(), payment(300_00, "2026-05-10")))
    assert [cents for _, cents, _ in lines(facts, "interest")] == [5_15, 16_83 - 5_15]


def test_a_payment_before_the_handover_known_late_lowers_what_was_told():
    late = payment(500_00, "2026-02-15")
    known_late = settled(add(a_handed_over_ledger(), late))
    known_in_time = a_handed_over_ledger(late)
    assert sum_entries(known_late.entries, LATER) == sum_entries(settled(known_in_time).entries, LATER)
    assert corrected(known_late, "interest") == [(5_15, day("2026-03-02"))]


def test_an_acceptance_without_posted_interest_counts_through_its_own_day():
    facts = a_handed_over_ledger()
    bare = replace(facts, entries=facts.entries[:-1])
    found = [(p.kind, p.cents, p.value_date) for p in settle(bare, POLICY, LATER).postings]
    assert found == [("interest", 5_15, day("2026-03-02"))]


# fees ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "stands"), [("2026-02-11", False), ("2026-02-12", False), ("2026-02-13", True)]
)
@pytest.mark.parametrize("kind", ["fee", "lump_sum"])
def test_a_fee_is_unjustified_when_the_principal_was_paid_by_the_letters_day(kind, on, stands):
    facts = settled(a_ledger(Entry(kind, 40_00, LETTER), payment(1_000_00, on)))
    assert sum_entries(facts.entries, LATER).fees == (40_00 if stands else 0)
    assert corrected(facts, kind) == ([] if stands else [(40_00, LETTER)])


def test_a_fee_stands_when_one_cent_of_the_principal_was_open():
    facts = settled(a_ledger(FEE, payment(999_99, "2026-02-10")))
    assert sum_entries(facts.entries, LATER).fees == 1_00


def test_a_fee_is_unjustified_when_the_order_had_been_refunded():
    facts = settled(a_ledger(FEE, refund(1_000_00, "2026-02-10")))
    assert sum_entries(facts.entries, LATER).fees == 0


def test_the_fee_stands_again_when_the_payment_turns_out_to_be_none():
    """What is owed again points at the same fee: its entries sum to the justified fee."""
    facts = settled(a_ledger(FEE, payment(1_000_00, "2026-02-10")))
    facts = settled(add(facts, mistaken(1_000_00, "2026-02-10")))
    assert lines(facts, "fee") == [
        ("fee", 1_00, LETTER),
        ("reversal", -1_00, LETTER),
        ("reversal", 1_00, LETTER),
    ]
    assert corrected(facts, "fee") == [(1_00, LETTER)] * 2


def test_the_fee_stands_when_the_payment_is_charged_back_later():
    """On the letter's day the buyer had paid: it was unjustified then, whatever comes after."""
    taken_back = Entry("chargeback", 1_000_00, day("2026-04-01"))
    facts = settled(a_ledger(FEE, payment(1_000_00, "2026-02-10"), taken_back))
    assert sum_entries(facts.entries, LATER).fees == 0


def test_the_banks_return_fee_is_never_unjustified():
    bank = Entry("return_fee", 3_50, day("2026-02-12"))
    facts = settled(a_ledger(bank, payment(1_000_00, "2026-02-10"), remainder="pursue"))
    assert sum_entries(facts.entries, LATER).fees == 3_50


# remainder -----------------------------------------------------------------------------------------------


def test_the_remainder_is_forgiven_on_the_day_the_principal_was_paid():
    facts = settled(a_ledger(FEE, payment(100_00, "2026-05-10"), principal=100_00))
    assert lines(facts, "remainder_forgiven") == [("remainder_forgiven", -2_68, day("2026-05-10"))]
    assert sum_entries(facts.entries, LATER).outstanding == 0


def test_a_chargeback_restores_the_remainder_on_its_value_date():
    facts = settled(a_ledger(FEE, payment(100_00, "2026-05-10"), principal=100_00))
    facts = settled(add(facts, Entry("chargeback", 100_00, day("2026-05-20"))))
    assert lines(facts, "remainder_forgiven")[1:] == [("reversal", 2_68, day("2026-05-20"))]
    assert corrected(facts, "remainder_forgiven") == [(-2_68, day("2026-05-10"))]
    assert sum_entries(facts.entries, LATER).outstanding == 100_00 + 2_68


def test_what_was_paid_again_is_forgiven_again():
    facts = settled(a_ledger(FEE, payment(100_00, "2026-05-10"), principal=100_00))
    facts = settled(add(facts, Entry("chargeback", 100_00, day("2026-05-20"))))
    facts, covered = post_settlement(add(facts, payment(100_00, "2026-05-30")), POLICY, LATER)
    rest = 2_68 + 17  # ten more days on 100 EUR
    assert lines(facts, "remainder_forgiven")[2:] == [("remainder_forgiven", -rest, day("2026-05-30"))]
    assert covered


def test_payment_and_chargeback_known_together_settle_at_once():
    taken_back = Entry("chargeback", 100_00, day("2026-05-20"))
    facts = settled(a_ledger(FEE, payment(100_00, "2026-05-10"), taken_back, principal=100_00))
    assert [cents for _, cents, _ in lines(facts, "remainder_forgiven")] == [-2_68, 2_68]
    assert corrected(facts, "remainder_forgiven") == [(-2_68, day("2026-05-10"))]


def test_a_payment_that_was_none_forgives_nothing():
    facts = settled(a_ledger(FEE, payment(100_00, "2026-05-10"), principal=100_00))
    facts = settled(add(facts, mistaken(100_00, "2026-05-10")))
    assert sum_entries(facts.entries, LATER).outstanding == 100_00 + 1_00


def test_a_refund_of_a_paid_claim_leaves_the_remainder_forgiven():
    facts = settled(a_ledger(FEE, payment(100_00, "2026-05-10"), principal=100_00))
    facts = settled(add(facts, refund(100_00, "2026-06-10")))
    assert sum_entries(facts.entries, LATER).outstanding == 0


def test_money_after_the_remainder_was_forgiven_is_an_overpayment():
    moved = (payment(100_00, "2026-05-10"), payment(2_68, "2026-05-15"))
    facts, covered = post_settlement(a_ledger(FEE, *moved, principal=100_00), POLICY, LATER)
    assert covered
    assert sum_entries(facts.entries, LATER).outstanding == -2_68


def test_a_paid_case_is_corrected_when_an_earlier_payment_becomes_known():
    """Interest and remainder of the later day are taken back; what is too much shows as an overpayment."""
    facts = settled(a_ledger(FEE, payment(100_00, "2026-05-10"), principal=100_00))
    facts = replace(facts, case=replace(RUNNING, status="paid"))
    facts, covered = post_settlement(add(facts, payment(100_00, "2026-02-20")), POLICY, LATER)
    balance = sum_entries(facts.entries, LATER)
    assert covered
    assert (balance.outstanding, balance.fees, balance.interest) == (-100_00, 1_00, 33)
    assert sum_entries(facts.entries, day("2026-02-20")).outstanding == 0


def test_an_earlier_payment_that_covers_by_the_letters_day_leaves_no_fee_and_no_interest():
    facts = settled(a_ledger(FEE, payment(100_00, "2026-05-10"), principal=100_00))
    facts = settled(add(facts, payment(100_00, "2026-01-20")))
    balance = sum_entries(facts.entries, LATER)
    assert (balance.fees, balance.interest, balance.forgiven) == (0, 0, 0)
    assert balance.outstanding == -100_00


def test_what_is_dated_after_today_is_not_settled_yet():
    facts = a_ledger(payment(1_000_00, "2026-05-10"), refund(50_00, "2026-05-11"))
    assert settle(facts, POLICY, day("2026-05-09")).postings == ()
