"""What a letter, an agency and a court cost: the M, I and court tables of the law facts."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.rules.money.costs import (
    GKG_TABLES,
    RVG_TABLES,
    collection_costs,
    collection_fee,
    court_fee,
    credit_lump_sum,
    find_table,
    letter_fee,
    look_up,
)
from dunning.rules.policy import load_policy

FEES = load_policy().fees
TODAY = date(2026, 11, 22)
BEFORE_2025 = date(2025, 5, 31)
rates = st.sampled_from([Decimal("0.5"), Decimal("0.9"), Decimal("1.3")])
values = st.integers(1, 10_000_000_00)


# Letters, §§ 280, 286, 288(5) BGB


def test_the_letter_that_causes_default_is_free():
    assert letter_fee(FEES, business=False, on_paper=True, in_default=False) == 0
    assert letter_fee(FEES, business=True, on_paper=True, in_default=False) == 0


def test_the_forty_euros_are_credited_against_the_costs_of_collection():
    assert credit_lump_sum(4000, 5562) == 5562
    assert credit_lump_sum(4000, 1890) == 4000


@pytest.mark.parametrize(
    ("business", "on_paper", "in_default", "cents"),
    [
        pytest.param(False, True, False, 0, id="M1: the first reminder causes default"),
        pytest.param(False, True, True, 100, id="M2: the second one after its deadline"),
        pytest.param(False, True, True, 100, id="M3: the first one after the 30 days of the invoice"),
        pytest.param(False, False, True, 0, id="M4: by e-mail"),
        pytest.param(True, True, True, 4000, id="M6: a business in default"),
        pytest.param(True, False, True, 4000, id="a business in default, whatever the channel"),
    ],
)
def test_a_letter_costs_what_the_table_says(business, on_paper, in_default, cents):
    assert letter_fee(FEES, business=business, on_paper=on_paper, in_default=in_default) == cents


# Agency, § 13 RVG, VV 2300, 7002, 7008


@pytest.mark.parametrize(
    ("value", "rate", "on", "full_fee", "fee", "expenses", "net", "gross"),
    [
        (4999, "0.5", TODAY, 3150, 1575, 315, 1890, 2249),
        (5000, "0.9", TODAY, 3150, 2835, 567, 3402, 4048),
        (5001, "0.5", TODAY, 5150, 2575, 515, 3090, 3677),
        (5001, "0.9", TODAY, 5150, 4635, 927, 5562, 6619),
        (25050, "0.9", TODAY, 5150, 4635, 927, 5562, 6619),
        (50000, "0.9", TODAY, 5150, 4635, 927, 5562, 6619),
        (50001, "0.9", TODAY, 9300, 8370, 1674, 10044, 11952),
        (119000, "0.5", TODAY, 13450, 6725, 1345, 8070, 9603),
        (119000, "0.9", TODAY, 13450, 12105, 2000, 14105, 16785),
        (250000, "0.9", TODAY, 23550, 21195, 2000, 23195, 27602),
        (250000, "1.3", TODAY, 23550, 30615, 2000, 32615, 38812),
        (1000000, "0.9", TODAY, 65200, 58680, 2000, 60680, 72209),
        (4999, "0.5", BEFORE_2025, 3000, 1500, 300, 1800, 2142),
        (4999, "0.9", BEFORE_2025, 3000, 2700, 540, 3240, 3856),
        (25050, "0.9", BEFORE_2025, 4900, 4410, 882, 5292, 6297),
        (119000, "0.9", BEFORE_2025, 12700, 11430, 2000, 13430, 15982),
    ],
)
def test_an_agency_claims_what_a_lawyer_could(value, rate, on, full_fee, fee, expenses, net, gross):
    with_vat = collection_fee(value, Decimal(rate), on, with_vat=True)
    assert (with_vat.full_fee, with_vat.fee, with_vat.expenses) == (full_fee, fee, expenses)
    assert (with_vat.net, with_vat.gross) == (net, gross)
    assert collection_fee(value, Decimal(rate), on).gross == net


@pytest.mark.parametrize(("value", "full_fee", "net"), [(4999, 5150, 8034), (100000, 9300, 14090)])
def test_a_disputed_claim_has_no_small_fee(value, full_fee, net):
    disputed = collection_fee(value, Decimal("1.3"), TODAY, undisputed=False)
    assert (disputed.full_fee, disputed.net) == (full_fee, net)


def test_no_fee_is_below_fifteen_euros():
    assert collection_fee(4999, Decimal("0.3"), TODAY).fee == 1500


def test_the_second_letter_announces_the_low_and_the_usual_cost():
    assert collection_costs(49000, TODAY) == (3090, 5562)
    assert collection_costs(4999, TODAY, with_vat=True) == (2249, 4048)


def test_the_table_of_the_day_counts():
    assert collection_costs(25050, date(2025, 5, 31)) == (2940, 5292)
    assert collection_costs(25050, date(2025, 6, 1)) == (3090, 5562)


def test_before_the_first_table_there_are_no_amounts_and_no_error():
    assert collection_costs(25050, date(2021, 9, 30)) is None
    assert collection_fee(25050, Decimal("0.9"), date(2013, 5, 1)) is None
    assert court_fee(25050, date(2020, 12, 31)) is None
    assert court_fee(25050, date(2021, 1, 1)) == 3600


@pytest.mark.parametrize(("on", "cents"), [(TODAY, 3927_00), (BEFORE_2025, 3704_00)])
def test_above_half_a_million_a_fee_grows_by_every_fifty_thousand(on, cents):
    assert look_up(find_table(RVG_TABLES, on), 550_000_00) == cents


# Court, KV 1100 and § 34 GKG


@pytest.mark.parametrize(
    ("value", "now", "before"),
    [
        (4990, 3800, 3600),
        (50000, 3800, 3600),
        (100000, 3800, 3600),
        (100001, 4100, 3900),
        (150000, 4100, 3900),
        (200000, 5150, 4900),
        (300000, 6275, 5950),
        (500000, 8525, 8050),
        (1000000, 14150, 13300),
    ],
)
def test_the_court_takes_half_a_fee_and_at_least_its_minimum(value, now, before):
    assert (court_fee(value, TODAY), court_fee(value, BEFORE_2025)) == (now, before)


# What always holds


@given(values, values, st.sampled_from([*RVG_TABLES, *GKG_TABLES]))
def test_a_full_fee_never_falls_with_the_value(one, other, table):
    low, high = sorted((one, other))
    assert look_up(table, low) <= look_up(table, high)


@given(values, values, rates, st.booleans())
def test_an_agencys_fee_never_falls_with_the_value(one, other, rate, undisputed):
    low, high = (collection_fee(v, rate, TODAY, undisputed=undisputed).net for v in sorted((one, other)))
    assert low <= high


@given(values, rates)
def test_expenses_are_a_fifth_of_the_fee_and_never_more_than_twenty_euros(value, rate):
    cost = collection_fee(value, rate, TODAY, with_vat=True)
    assert cost.expenses == min((cost.fee * 20 + 50) // 100, 2000)
    assert cost.net == cost.fee + cost.expenses
    assert cost.gross == cost.net + cost.vat
