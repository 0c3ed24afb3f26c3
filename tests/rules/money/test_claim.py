"""The claim to the cent: balances by value date, § 367 BGB, and interest that posting never splits."""

import datetime as dt
import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.rules.facts import Entry, Facts, StepFacts
from dunning.rules.money.claim import (
    Balance,
    Claim,
    compute_claim,
    find_interest_start,
    sum_entries,
)
from tests.rules.course.story import POLICY, some_facts

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data" / "vectors" / "law.json").read_text(encoding="utf-8")
)["allocation_vectors"]
DAY = dt.date(2026, 2, 1)
LATER = dt.date(2026, 8, 31)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def first_letter(first_interest_day: dt.date) -> StepFacts:
    deadline = first_interest_day - dt.timedelta(days=1)
    sent = deadline - dt.timedelta(days=7)
    return StepFacts("first_letter", "done", sent, done_on=sent, deadline=deadline)


def some_claim(*entries: Entry, on: dt.date = LATER, principal: int = 1_000_00, **changes) -> Claim:
    """The claim of a receivable in default since 1 February 2026."""
    return compute_claim(defaulted(*entries, principal=principal, **changes), POLICY, on)


def defaulted(*entries: Entry, principal: int = 1_000_00, start: dt.date = DAY, **changes) -> Facts:
    ordered = dt.date(2025, 11, 1)
    changes.setdefault("steps", (first_letter(start),))
    own = (Entry("principal", principal, ordered), *entries)
    return some_facts(due="2026-01-10", cents=principal, order_date=ordered, entries=own, **changes)


def payment(cents: int, on: str) -> Entry:
    return Entry("payment", -cents, day(on))


def balance_of(*entries: tuple) -> Balance:
    return sum_entries([Entry(kind, cents, DAY, *rest) for kind, cents, *rest in entries], DAY)


# balances ------------------------------------------------------------------------------------------------


def test_principal_is_the_original_less_refunds_and_paid_what_came_and_stayed():
    balance = balance_of(("principal", 300_00), ("payment", -100_00), ("refund", -50_00))
    assert (balance.principal, balance.paid, balance.open_principal) == (250_00, 100_00, 150_00)


def test_paid_300_refunded_50_and_charged_back_250_leaves_250_open():
    balance = balance_of(
        ("principal", 300_00),
        ("payment", -300_00),
        ("refund", -50_00),
        ("reversal", 50_00, "refund"),
        ("chargeback", 250_00),
    )
    assert (balance.principal, balance.paid, balance.outstanding) == (250_00, 0, 250_00)


def test_a_refund_of_paid_money_is_money_paid_out():
    balance = balance_of(
        ("principal", 300_00), ("payment", -300_00), ("refund", -50_00), ("reversal", 50_00, "refund")
    )
    assert (balance.principal, balance.paid, balance.outstanding) == (250_00, 250_00, 0)


def test_a_refund_of_an_unpaid_claim_only_lowers_it():
    balance = balance_of(("principal", 300_00), ("refund", -300_00))
    assert (balance.principal, balance.paid, balance.outstanding) == (0, 0, 0)


def test_a_reversed_payment_is_not_paid():
    balance = balance_of(("principal", 300_00), ("payment", -300_00), ("reversal", 300_00, "payment"))
    assert (balance.paid, balance.outstanding) == (0, 300_00)


def test_fees_lump_sum_and_the_banks_return_fee_are_costs():
    balance = balance_of(("principal", 1_00), ("fee", 1_00), ("lump_sum", 40_00), ("return_fee", 3_50))
    assert (balance.fees, balance.outstanding, balance.open_principal) == (44_50, 45_50, 1_00)


def test_a_reversed_fee_is_no_fee():
    assert balance_of(("fee", 1_00), ("reversal", -1_00, "fee")).fees == 0


def test_forgiven_is_taken_off_until_it_is_reversed():
    entries = (("principal", 10_00), ("fee", 1_00), ("payment", -10_00), ("remainder_forgiven", -1_00))
    assert balance_of(*entries).outstanding == 0
    again = balance_of(*entries, ("reversal", 1_00, "remainder_forgiven"))
    assert (again.forgiven, again.outstanding) == (0, 1_00)


def test_an_overpaid_claim_is_negative():
    assert balance_of(("principal", 10_00), ("payment", -12_00)).outstanding == -2_00


@pytest.mark.parametrize(("on", "paid"), [("2026-05-09", 0), ("2026-05-10", 300_00), ("2026-05-11", 300_00)])
def test_an_entry_counts_from_its_value_date(on, paid):
    entries = (Entry("principal", 1_000_00, DAY), payment(300_00, "2026-05-10"))
    assert sum_entries(entries, day(on)).paid == paid


def test_the_order_of_entries_plays_no_part():
    entries = (
        Entry("principal", 300_00, DAY),
        payment(300_00, "2026-02-03"),
        Entry("refund", -50_00, day("2026-02-04")),
        Entry("reversal", 50_00, day("2026-02-04"), "refund"),
        Entry("chargeback", 250_00, day("2026-02-05")),
    )
    balances = {sum_entries(order, LATER) for order in permutations(entries)}
    assert balances == {Balance(principal=250_00, paid=0, fees=0, interest=0, forgiven=0)}


# when interest begins ------------------------------------------------------------------------------------


def test_interest_begins_on_the_day_after_the_first_letters_deadline():
    assert find_interest_start(defaulted()) == DAY
    assert some_claim(on=day("2026-01-31")).interest == 0
    assert [s.first_day for s in some_claim(on=DAY).segments] == [DAY]


@pytest.mark.parametrize("state", ["planned", "in_doubt", "superseded"])
def test_a_letter_that_did_not_go_out_puts_nobody_in_default(state):
    facts = defaulted(steps=(replace(first_letter(DAY), state=state),))
    assert find_interest_start(facts) is None
    assert compute_claim(facts, POLICY, LATER).total == 1_000_00


def test_without_a_letter_there_is_no_interest():
    assert some_claim(steps=()).total == 1_000_00


@pytest.mark.parametrize(("company", "interest"), [("", 25_77 + 11_08), ("Muster AG", 42_21 + 17_87)])
def test_a_business_owes_nine_points_and_a_consumer_five(company, interest):
    claim = some_claim(company=company)
    assert claim.interest == interest
    assert claim.total == 1_000_00 + interest


# § 367 BGB -----------------------------------------------------------------------------------------------


def vector_facts(vector: dict) -> Facts:
    start = day(vector["first_day"])
    costs = [Entry("fee", vector["costs"], start)] if vector["costs"] else []
    payments = [payment(cents, on) for on, cents in vector["payments"]]
    company = "Muster AG" if vector["pp"] == 9 else ""
    return defaulted(*costs, *payments, principal=vector["principal"], start=start, company=company)


@pytest.mark.parametrize("vector", VECTORS, ids=[f"P{n}" for n in range(1, len(VECTORS) + 1)])
def test_payments_go_to_costs_then_interest_then_principal_as_published(vector):
    claim = compute_claim(vector_facts(vector), POLICY, day(vector["to"]))
    used = claim.allocations
    surplus = sum(a.surplus for a in used)
    left = {
        "principal": vector["principal"] - sum(a.principal for a in used),
        "interest": claim.interest - sum(a.interest for a in used),
        "costs": vector["costs"] - sum(a.costs for a in used),
        "total": claim.total + surplus,
        "over": surplus,
    }
    assert left == vector["expect"]
    parts = {"principal": claim.principal_left, "interest": claim.interest_left, "costs": claim.costs_left}
    assert left | parts == left


def test_every_cent_of_a_payment_is_used():
    used = some_claim(Entry("fee", 2_50, DAY), payment(300_00, "2026-05-10")).allocations[0]
    assert (used.costs, used.interest, used.principal, used.surplus) == (2_50, 16_83, 280_67, 0)
    assert used.cents == used.costs + used.interest + used.principal


def test_a_payment_before_default_lowers_the_principal_interest_is_reckoned_on():
    claim = some_claim(payment(400_00, "2026-01-15"))
    assert {s.principal for s in claim.segments} == {600_00}
    assert [s.first_day for s in claim.segments] == [DAY, day("2026-07-01")]


def test_interest_runs_on_the_old_principal_through_the_day_before_the_value_date():
    claim = some_claim(payment(1_000_00, "2026-05-10"))
    assert claim.segments[0].last_day == day("2026-05-09")
    assert claim.segments[0].principal == 1_000_00
    assert claim.segments[1].first_day == day("2026-05-10")
    assert claim.segments[1].principal == 16_83  # what § 367 left of the principal


def test_a_payment_that_was_none_splits_no_segment():
    mistake = (payment(300_00, "2026-05-10"), Entry("reversal", 300_00, day("2026-05-10"), "payment"))
    assert some_claim(*mistake).segments == some_claim().segments
    assert some_claim(*mistake).allocations == ()


def test_no_interest_on_interest_and_fees():
    claim = some_claim(Entry("fee", 2_50, DAY), Entry("interest", 7_50, day("2026-03-01")))
    assert {s.principal for s in claim.segments} == {1_000_00}


def test_money_taken_back_is_owed_as_what_it_had_paid():
    claim = some_claim(
        Entry("fee", 2_50, DAY), payment(300_00, "2026-05-10"), Entry("chargeback", 300_00, day("2026-05-20"))
    )
    assert [s.principal for s in claim.segments] == [1_000_00, 719_33, 1_000_00, 1_000_00]
    assert claim.balance.outstanding == 1_002_50


def test_a_refund_lowers_what_interest_is_reckoned_on():
    claim = some_claim(Entry("refund", -400_00, day("2026-03-01")))
    assert [(s.first_day, s.principal) for s in claim.segments] == [
        (DAY, 1_000_00),
        (day("2026-03-01"), 600_00),
        (day("2026-07-01"), 600_00),
    ]


def test_an_overpaid_claim_bears_no_interest():
    claim = some_claim(payment(2_000_00, "2026-01-20"))
    assert (claim.interest, claim.total) == (0, -1_000_00)
    assert claim.allocations[0].surplus == 1_000_00


def test_a_payment_of_an_overpaid_claim_is_all_surplus():
    claim = some_claim(payment(1_200_00, "2026-01-20"), payment(50_00, "2026-01-25"))
    assert [(a.principal, a.surplus) for a in claim.allocations] == [(1_000_00, 200_00), (0, 50_00)]


def test_a_payment_of_tomorrow_does_not_count_today():
    claim = some_claim(payment(1_000_00, "2026-05-10"), on=day("2026-05-09"))
    assert claim.allocations == ()
    assert claim.balance.paid == 0


# posting -------------------------------------------------------------------------------------------------


def test_posted_and_running_interest_are_always_the_one_computation():
    bare, posted = some_claim(), some_claim(Entry("interest", 16_83, day("2026-05-10")))
    assert posted.segments == bare.segments
    assert (posted.interest, posted.total) == (bare.interest, bare.total)
    assert posted.running == bare.interest - 16_83


def test_reversing_interest_splits_no_segment_either():
    bare = some_claim()
    reversed_ = some_claim(
        Entry("interest", 16_83, day("2026-05-10")), Entry("reversal", -16_83, day("2026-05-12"), "interest")
    )
    assert reversed_.segments == bare.segments
    assert reversed_.total == bare.total


def test_a_fee_splits_no_segment():
    assert some_claim(Entry("fee", 1_00, day("2026-05-10"))).segments == some_claim().segments


moves = st.lists(
    st.tuples(st.sampled_from(["payment", "refund", "fee"]), st.integers(1, 300_00), st.integers(0, 200)),
    max_size=6,
)
posted = st.lists(st.tuples(st.integers(-5_00, 5_00), st.integers(0, 200)), max_size=3)
signs = {"payment": -1, "refund": -1, "fee": 1}


@given(moves=moves, posted=posted)
def test_whatever_was_posted_the_total_is_principal_costs_and_computed_interest(moves, posted):
    entries = [Entry(kind, signs[kind] * cents, DAY + dt.timedelta(days=n)) for kind, cents, n in moves]
    interest = [Entry("interest", cents, DAY + dt.timedelta(days=n)) for cents, n in posted]
    bare, with_posted = some_claim(*entries), some_claim(*entries, *interest)
    assert with_posted.total == bare.total == sum(e.cents for e in entries) + 1_000_00 + bare.interest
    assert with_posted.segments == bare.segments


@given(moves=moves)
def test_every_payment_is_used_to_the_cent_and_none_twice(moves):
    entries = [Entry(kind, signs[kind] * cents, DAY + dt.timedelta(days=n)) for kind, cents, n in moves]
    claim = some_claim(*entries)
    paid = -sum(entry.cents for entry in entries if entry.kind == "payment")
    assert sum(a.cents for a in claim.allocations) == paid
    assert all(a.cents == a.costs + a.interest + a.principal + a.surplus for a in claim.allocations)
    assert all(min(a.costs, a.interest, a.principal, a.surplus) >= 0 for a in claim.allocations)
