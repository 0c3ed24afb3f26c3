"""It is the buyer who says which instalments he pays; a month, a date and an amount are no number of one."""

import datetime as dt

import pytest

from dunning.rules.money.rate_hint import NO_HINT, RateHint, read_hint

# six instalments, due on the first of each month from October 2026
DUE = [(number, dt.date(2026 + (9 + number) // 13, (8 + number) % 12 + 1, 1)) for number in range(1, 7)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("RATE 2", (2,)),
        ("M6B5zL7i, Rate Nr. 3 von 6", (3,)),
        ("Rate2", (2,)),
        ("Rate: 2", (2,)),
        ("Rate-2", (2,)),
        ("Rate 2/6", (2,)),
        ("Rate 2 4711", (2,)),
        ("instalment 4 of 6 for M6B5zL7i", (4,)),
        ("Teilzahlung 5", (5,)),
        ("2. Rate M6B5zL7i", (2,)),
        ("2te Rate", (2,)),
        ("2nd instalment", (2,)),
        ("zweite Rate", (2,)),
        ("Rate 1-3", (1, 2, 3)),
        ("Raten 1 bis 3", (1, 2, 3)),
        ("1. bis 3. Rate", (1, 2, 3)),
        ("Rate 3 und 4", (3, 4)),
        ("Rate 3 und Rate 4", (3, 4)),
        ("Rate 3+4", (3, 4)),
        ("Raten 1,2 und 3", (1, 2, 3)),
        ("1. und 2. Rate", (1, 2)),
        ("Bestellung 4711. Rate 2", (2,)),
        ("Rate 2 - 50,00 EUR", (2,)),
        ("Rate 2, 50 EUR", (2,)),
        ("Rate 5-99", (5,)),
    ],
)
def test_the_rates_a_buyer_names(text: str, numbers: tuple[int, ...]) -> None:
    assert read_hint(text).choose(DUE, 6) == numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Rate 11/2026", 2),
        ("Rate 11/26", 2),
        ("Rate 11.2026", 2),
        ("Rate 01.11.2026", 2),
        ("Rate vom 1.11.", 2),
        ("Rate November", 2),
        ("Rate für Nov. 2026", 2),
        ("Rate Januar 2027", 4),
        ("instalment for March 2027", 6),
    ],
)
def test_a_month_names_what_is_due_in_it(text: str, number: int) -> None:
    assert read_hint(text).choose(DUE, 6) == (number,)


@pytest.mark.parametrize(
    "text", ["Rate", "Raten 2", "Karate 5", "bis 15.03. Rate", "Rate Maier", "Rate 12/2031", "Rate 2/3"]
)
def test_what_names_no_rate_of_the_order(text: str) -> None:
    assert read_hint(text).choose(DUE, 6) == ()


def test_a_rate_that_is_not_there_is_for_a_person() -> None:
    assert read_hint("Rate 7").choose(DUE, 6) is None


def test_of_a_range_those_count_that_are_there() -> None:
    assert read_hint("Rate 5-8").choose(DUE, 6) == (5, 6)


def test_no_word_of_a_rate_is_no_hint() -> None:
    assert read_hint("Kursgebühr M6B5zL7i") == NO_HINT == RateHint()
