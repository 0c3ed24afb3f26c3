"""The instalments a buyer names in a remittance text: it is the debtor who says what he pays (§ 366(1) BGB).

`Rate 2`, `2. Rate`, `zweite Rate`, `Raten 1-3`, `Rate 3 und 4`, `instalment 2 of 6`. A month is no number: `Rate
11/2026` and `Rate November` name what is due then. `Rate 11/26` may be either, by how many instalments the order has.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST_RANGE = 36
LAST_MONTH = 12
WORD = r"(?:rate|teilzahlung|instal?lment)"
BETWEEN = r"\s*(?:-|–|bis|to|,|\+|&|und|and|u\.)\s*"
NUMBER = r"\d{1,3}(?!\d|[.,]\d\d|\s*(?:EUR|€))"
FOR = r"(?:vom|für|fuer|im|monat|for|of|\s)*"
ORDINALS = (
    ("erste", "first"),
    ("zweite", "second"),
    ("dritte", "third"),
    ("vierte", "fourth"),
    ("fünfte", "fifth"),
    ("sechste", "sixth"),
    ("siebte", "seventh"),
    ("achte", "eighth"),
    ("neunte", "ninth"),
    ("zehnte", "tenth"),
    ("elfte", "eleventh"),
    ("zwölfte", "twelfth"),
)
MONTHS = (
    ("januar", "january", "jan"),
    ("februar", "february", "feb"),
    ("märz", "maerz", "march", "mar", "mrz"),
    ("april", "apr"),
    ("mai", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("dezember", "december", "dez", "dec"),
)


def _any(names: Iterable[tuple[str, ...]]) -> str:
    return "|".join(name for group in names for name in group)


def _number(names: tuple[tuple[str, ...], ...], name: str) -> int:
    return next(number for number, group in enumerate(names, 1) if name.lower() in group)


piece = re.compile(r"(-|–|bis|to)|(\d{1,3})", re.IGNORECASE)
named_month = re.compile(rf"\b{WORD}\s+{FOR}({_any(MONTHS)})\b\.?(?:\s*(20\d\d|\d\d)\b)?", re.IGNORECASE)
dated = re.compile(
    rf"\b{WORD}\s+{FOR}(?:(?:\d{{1,2}}\.\s?)?(\d{{1,2}})\s?[./-]\s?(20\d\d)|\d{{1,2}}\.(\d{{1,2}})\.)(?!\d)",
    re.IGNORECASE,
)
numbered = re.compile(
    rf"\b{WORD}(n?)\s*(?:nr\.?|no\.?|nummer|[#:-])?\s*({NUMBER}(?:{BETWEEN}{NUMBER})*)"
    r"(?:\s*(?:/|von|of|aus)\s*(\d{1,3})\b)?",
    re.IGNORECASE,
)
counted = re.compile(
    rf"(?<![\d.,/-])((?:\d{{1,2}}\.?{BETWEEN})*\d{{1,2}}\s?(?:\.|te[nr]?|ste[nr]?|st|nd|rd|th))\s*{WORD}n?\b",
    re.IGNORECASE,
)
worded = re.compile(rf"\b({_any(ORDINALS)})[nr]?\s+{WORD}\b", re.IGNORECASE)


@dataclass(frozen=True)
class RateHint:
    """Numbers of instalments; with `of` they mean something only in an order of so many. Else `month`, (year or None,
    month), for what is due then.
    """

    numbers: tuple[int, ...] = ()
    of: int | None = None
    month: tuple[int | None, int] | None = None

    def choose(self, due: Iterable[tuple[int, dt.date | None]], total: int) -> tuple[int, ...] | None:
        """The numbers named among those there are, with their due dates; () for no word of any, None for others."""
        known = dict(due)
        if self.numbers and self.of in (None, total):
            return tuple(number for number in self.numbers if number in known) or None
        if self.month is None:
            return ()
        year, month = self.month
        return tuple(n for n, day in known.items() if day and day.month == month and year in (None, day.year))


NO_HINT = RateHint()


def read_hint(text: str) -> RateHint:
    """What the text names; nothing when it names no instalment."""
    if found := named_month.search(text):
        return RateHint(month=(_read_year(found[2]), _number(MONTHS, found[1])))
    if found := dated.search(text):
        return RateHint(month=(_read_year(found[2]), int(found[1] or found[3])))
    if mentions := _list_numbered(text):
        numbers = tuple(dict.fromkeys(number for mention in mentions for number in _expand(mention[2])))
        of = next((int(mention[3]) for mention in mentions if mention[3]), None)
        month = (2000 + of, numbers[0]) if of and len(numbers) == 1 and numbers[0] <= LAST_MONTH else None
        return RateHint(numbers, of, month)
    if found := counted.search(text):
        return RateHint(tuple(_expand(found[1])))
    if found := worded.search(text):
        return RateHint((_number(ORDINALS, found[1]),))
    return NO_HINT


def _list_numbered(text: str) -> list[re.Match[str]]:
    """`Raten 2` names none: they are two."""
    return [found for found in numbered.finditer(text) if not (found[1] and found[2].isdigit())]


def _read_year(text: str | None) -> int | None:
    return (int(text) if len(text) > 2 else 2000 + int(text)) if text else None


def _expand(text: str) -> Iterator[int]:
    """`1-3` -> 1, 2, 3; `3 und 4` -> 3, 4. An absurd range is its first number."""
    last, ranged = 0, False
    for between, digits in piece.findall(text):
        ranged = ranged or bool(between)
        if digits:
            number = int(digits)
            if ranged:
                yield from range(last + 1, number + 1 if number - last <= LONGEST_RANGE else last + 1)
            else:
                yield number
            last, ranged = number, False
