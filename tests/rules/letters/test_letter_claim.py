"""The table of a letter is the ledger and the one interest computation: it adds up to the claim's total."""

import datetime as dt
from decimal import Decimal

from dunning.rules.facts import BuyerFacts, Entry, Facts, OrderFacts, StepFacts, VendorFacts
from dunning.rules.gates import Settings
from dunning.rules.letters.letter import Line
from dunning.rules.letters.lines import list_position, price_claim, price_letter, state_interest
from dunning.rules.policy import load_policy

POLICY = load_policy()
DUE = dt.date(2026, 9, 4)
ON = dt.date(2026, 11, 23)
PRINCIPAL = Entry("principal", 490_00, DUE)
PAYMENT = Entry("payment", -100_00, dt.date(2026, 10, 12))
POSTED_INTEREST = Entry("interest", 1_58, dt.date(2026, 10, 12))
FIRST_LETTER = StepFacts(
    "first_letter", "done", dt.date(2026, 9, 14), done_on=dt.date(2026, 9, 14), deadline=dt.date(2026, 9, 23)
)


def the_facts(*entries: Entry, company: str = "") -> Facts:
    """490.00 EUR due on 4 September, the first letter's deadline on the 23rd."""
    return Facts(
        order=OrderFacts("M6B5zL7i", DUE, "invoice"),
        buyer=BuyerFacts("Anna", "Berger", company),
        vendor=VendorFacts(79424, "Kurs GmbH", settings=Settings(scheme=2)),
        rate_number=1,
        due_date=DUE,
        original_cents=490_00,
        entries=entries,
        steps=(FIRST_LETTER,),
    )


def the_lines(facts: Facts) -> list[Line]:
    """What the second letter's table holds; its sum is checked against the claim."""
    priced, claim = price_claim(facts, POLICY, price_letter("second_letter", facts, POLICY, ON), ON)
    position, charges = list_position(priced, claim)
    lines = [*position.lines, *charges]
    assert sum(line.cents for line in lines) == claim.total
    return lines


def test_interest_and_payments_stand_in_order_of_time_and_the_fee_last() -> None:
    lines = the_lines(the_facts(PRINCIPAL, PAYMENT, POSTED_INTEREST))
    assert [(line.kind, line.cents) for line in lines] == [
        ("principal", 490_00),
        ("interest", 1_58),
        ("payment", -100_00),
        ("interest", 3_01),
        ("fee", 1_00),
    ]


def test_a_business_pays_nine_points_and_the_lump_sum_once() -> None:
    facts = the_facts(PRINCIPAL, company="Foto Berger e. K.")
    assert [(line.kind, line.cents) for line in the_lines(facts)] == [
        ("principal", 490_00),
        ("interest", 8_61),
        ("lump_sum", 40_00),
    ]
    again = the_facts(PRINCIPAL, Entry("lump_sum", 40_00, dt.date(2026, 11, 1)), company="Foto Berger e. K.")
    assert [line.cents for line in the_lines(again) if line.kind == "lump_sum"] == [40_00]


def test_a_payment_after_the_letters_day_is_not_in_it() -> None:
    late = Entry("payment", -100_00, dt.date(2026, 11, 24))
    assert [line.kind for line in the_lines(the_facts(PRINCIPAL, late))] == ["principal", "interest", "fee"]


def test_a_reversed_payment_stands_beside_what_took_it_back() -> None:
    back = Entry("reversal", 100_00, dt.date(2026, 10, 20), reverses="payment")
    moves = [line.cents for line in the_lines(the_facts(PRINCIPAL, PAYMENT, back)) if line.kind != "interest"]
    assert moves == [490_00, -100_00, 100_00, 1_00]


def test_the_first_letter_costs_nothing() -> None:
    assert price_letter("first_letter", the_facts(PRINCIPAL), POLICY, ON) is None


def test_interest_goes_on_by_its_daily_amount() -> None:
    facts, claim = price_claim(the_facts(PRINCIPAL, PAYMENT, POSTED_INTEREST), POLICY, None, ON)
    interest = state_interest(facts, POLICY, claim, ON)
    assert (interest.points, interest.rate, interest.daily_cents) == (5, Decimal("6.52"), 7)
