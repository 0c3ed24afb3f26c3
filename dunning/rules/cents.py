"""Money is integer cents. This room rounds, reads and prints it; nowhere else does.

Currency is EUR throughout (the eligibility point `currency` keeps others out), so an amount is a plain
`int` and its name says cents where that is not plain.
"""

import re
from decimal import Decimal
from fractions import Fraction

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS_SIGN = "\N{MINUS SIGN}"
LARGEST_AMOUNT = 99_999_999_999
LONGEST_NUMBER = 20

plain_number = re.compile(r"-?[0-9]+([.,][0-9]{1,2})?")
german_number = re.compile(r"-?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]{1,2})?")
english_number = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]{1,2})?")
one_group_only = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")


class AmountError(ValueError):
    """The text is no amount of money with at most two decimals."""


class AmbiguousAmount(AmountError):
    """`1.234` or `1,234`: thousands for one reader, decimals for the other."""


def round_half_up(value: Fraction | Decimal) -> int:
    """The nearest whole number, halves away from zero (§ 2(2) RVG rounds so, we do everywhere)."""
    exact = Fraction(value)
    whole = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return whole if exact >= 0 else -whole


def parse_amount(text: str) -> int:
    """Cents from `1234.56`, `1.234,56`, `1234,56`, `1,234.56`, `1234` or `-12,30`.

    Raises AmbiguousAmount for `1.234` and `1,234`, AmountError for anything else that is no amount.
    """
    word = text.strip()
    if one_group_only.fullmatch(word):
        raise AmbiguousAmount(f"ambiguous amount {word!r}: write decimals or leave out the separator")
    return scale_number(find_decimals(word))


def find_decimals(word: str) -> str:
    """The number with a decimal point and no other separator; AmountError when it is none."""
    if german_number.fullmatch(word):
        return word.replace(".", "").replace(",", ".")
    if english_number.fullmatch(word):
        return word.replace(",", "")
    if plain_number.fullmatch(word):
        return word.replace(",", ".")
    raise AmountError(f"not an amount: {word[:40]!r}")


def scale_number(number: str) -> int:
    """Cents from a plain decimal number of euros; AmountError beyond 999,999,999.99."""
    cents = round_half_up(Fraction(number) * 100) if len(number) <= LONGEST_NUMBER else LARGEST_AMOUNT + 1
    if abs(cents) > LARGEST_AMOUNT:
        raise AmountError(f"amount too large: {number[:40]!r}")
    return cents


def format_amount(cents: int, locale: str, *, minus: str = "-") -> str:
    """`1.234,56 €` (locale de, NO-BREAK SPACE) or `€1,234.56` (any other); letters pass MINUS_SIGN."""
    sign = minus if cents < 0 else ""
    english = f"{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    if locale.startswith("de"):
        return f"{sign}{english.translate(str.maketrans(',.', '.,'))}{NO_BREAK_SPACE}€"
    return f"{sign}€{english}"


def format_number(cents: int) -> str:
    """`1234,56` for spreadsheets: decimal comma, no thousands, no currency."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02d}"
