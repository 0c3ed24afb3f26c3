"""Amounts: rounded once, read without guessing, printed as people write them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.rules.cents import (
    LARGEST_AMOUNT,
    MINUS_SIGN,
    AmbiguousAmount,
    AmountError,
    format_amount,
    format_number,
    parse_amount,
    round_half_up,
)

amounts = st.integers(min_value=-LARGEST_AMOUNT, max_value=LARGEST_AMOUNT)


@pytest.mark.parametrize(
    ("value", "cents"),
    [
        (Decimal("2.5"), 3),
        (Decimal("3.5"), 4),
        (Decimal("2.4999"), 2),
        (Decimal("-2.5"), -3),
        (Decimal("-2.4"), -2),
        (Fraction(1, 2), 1),
        (Fraction(-1, 3), 0),
        (Fraction(0), 0),
    ],
)
def test_a_half_cent_is_rounded_away_from_zero(value, cents):
    assert round_half_up(value) == cents


@given(st.fractions())
def test_rounding_never_moves_more_than_half_a_cent(value):
    assert abs(round_half_up(value) - value) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1234.56", 123456),
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("1234,56", 123456),
        ("1234", 123400),
        ("1.234.567", 123456700),
        ("1.234.567,8", 123456780),
        ("-12,30", -1230),
        ("12,5", 1250),
        ("0.01", 1),
        ("0", 0),
        (" 49.90 ", 4990),
        ("999999999.99", LARGEST_AMOUNT),
    ],
)
def test_an_amount_is_read_with_point_or_comma(text, cents):
    assert parse_amount(text) == cents


@pytest.mark.parametrize("text", ["1.234", "1,234", "-12.345", "999,000"])
def test_three_digits_after_one_separator_are_ambiguous(text):
    with pytest.raises(AmbiguousAmount, match="ambiguous"):
        parse_amount(text)


no_numbers = ["nan", "NaN", "inf", "1e3", "1E-2", "1_000", "0x10", "١٢", "--", "-", "+", "+5", "5€", "EUR5"]
bad_decimals = ["0.123", "1234.567", "12.34.567", "1.23,45", ",50", "5,", "5.", "1234.567,89"]
bad_groups = ["1,234,56", "1.2.3", "1.234.56", "01.234,56"]
too_large = ["1000000000.00", "1.000.000.000,00", "9" * 21, "9" * 5000]
blanks = ["", " ", "1 000", "1\N{NO-BREAK SPACE}000", "1\n2"]


@pytest.mark.parametrize("text", [*no_numbers, *bad_decimals, *bad_groups, *too_large, *blanks])
def test_what_is_no_amount_is_refused_and_not_guessed(text):
    with pytest.raises(AmountError) as refused:
        parse_amount(text)
    assert not isinstance(refused.value, AmbiguousAmount)


@given(amounts)
def test_what_is_printed_for_a_spreadsheet_is_read_back(cents):
    assert parse_amount(format_number(cents)) == cents


@given(amounts)
def test_what_a_german_reads_is_the_amount(cents):
    printed = format_amount(cents, "de").removesuffix("\N{NO-BREAK SPACE}€")
    assert parse_amount(printed) == cents


@pytest.mark.parametrize(
    ("cents", "german", "english"),
    [
        (123456, "1.234,56\N{NO-BREAK SPACE}€", "€1,234.56"),
        (5, "0,05\N{NO-BREAK SPACE}€", "€0.05"),
        (-10000, "-100,00\N{NO-BREAK SPACE}€", "-€100.00"),
        (100000000, "1.000.000,00\N{NO-BREAK SPACE}€", "€1,000,000.00"),
    ],
)
def test_amounts_are_printed_in_german_and_english(cents, german, english):
    assert format_amount(cents, "de") == german
    assert format_amount(cents, "de_AT") == german
    assert format_amount(cents, "en") == english


def test_letters_print_a_true_minus_sign():
    assert format_amount(-10000, "de", minus=MINUS_SIGN) == "−100,00\N{NO-BREAK SPACE}€"
