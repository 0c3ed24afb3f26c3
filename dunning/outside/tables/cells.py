"""One cell of a CSV file to one typed value: readers get trimmed, non-empty text, or raise CellError."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from dunning.rules.cents import AmbiguousAmount, parse_amount

# what a spreadsheet makes of a long number
shortened_number = re.compile(r"[0-9][.,][0-9]+[eE]\+?[0-9]+")
ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
GERMAN_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
FIRST_YEAR, LAST_YEAR = 1990, 2100
MAX_CENTS = 1_000_000_000
FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "ja", "wahr"), True),
    **dict.fromkeys(("false", "0", "no", "nein", "falsch"), False),
}


class CellError(ValueError):
    """A cell breaks a rule: the code of its message and the limit or allowed values the message names."""

    def __init__(self, code: str, hint: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint


def phone_reader(limit: int = 255) -> Callable[[str], str]:
    """Reads a phone number; not one that a spreadsheet has shortened."""
    read = text_reader(limit)

    def read_phone(text: str) -> str:
        if shortened_number.fullmatch(text):
            raise CellError("shortened_number")
        return read(text)

    return read_phone


def text_reader(limit: int = 255) -> Callable[[str], str]:
    """Reads free text: NFC, a run of spaces, tabs and line breaks is one space, at most `limit` characters.

    So a name cannot carry a line break into a mail header or a letter, and a file is not refused for an
    address typed on two lines.
    """

    def read_text(text: str) -> str:
        cleaned = " ".join(text.split())
        if not cleaned.isascii():
            cleaned = unicodedata.normalize("NFC", cleaned)
        if len(cleaned) > limit:
            raise CellError("too_long", str(limit))
        return cleaned

    return read_text


def identifier_reader(limit: int) -> Callable[[str], str]:
    """Reads an ID: 1 to `limit` visible characters without any space."""

    def read_identifier(text: str) -> str:
        if shortened_number.fullmatch(text):
            raise CellError("shortened_number")
        if len(text) > limit or " " in text or not text.isprintable():
            raise CellError("bad_identifier", str(limit))
        return text

    return read_identifier


def number_reader(limit: int) -> Callable[[str], int]:
    """Reads a whole number from 1 to `limit`, digits only, no leading zero."""

    @lru_cache(maxsize=1024)
    def read_number(text: str) -> int:
        if not re.fullmatch("[1-9][0-9]{0,17}", text) or int(text) > limit:
            raise CellError("bad_number", str(limit))
        return int(text)

    return read_number


def choice_reader(allowed: Sequence[str]) -> Callable[[str], str]:
    """Reads one of the allowed keys, in upper or lower case."""

    def read_choice(text: str) -> str:
        choice = text.lower()
        if choice not in allowed:
            raise CellError("not_allowed", ", ".join(allowed))
        return choice

    return read_choice


def letters_reader(count: int, code: str) -> Callable[[str], str]:
    """Reads a code of exactly `count` letters (currency, country) into upper case."""

    def read_letters(text: str) -> str:
        if len(text) != count or not (text.isascii() and text.isalpha()):
            raise CellError(code)
        return text.upper()

    return read_letters


@lru_cache(maxsize=4096)
def read_date(text: str) -> dt.date:
    """A local day, `2026-12-31` or `31.12.2026`, that exists and lies between 1990 and 2100."""
    if found := ISO_DATE.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := GERMAN_DATE.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        raise CellError("bad_date")
    try:
        date = dt.date(year, month, day)
    except ValueError:
        raise CellError("bad_date") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CellError("date_range", f"{FIRST_YEAR} to {LAST_YEAR}")
    return date


def read_flag(text: str) -> bool:
    """True or false, also as 1 and 0, yes and no, ja and nein, wahr and falsch."""
    flag = FLAGS.get(text.lower())
    if flag is None:
        raise CellError("not_allowed", "true, false")
    return flag


def read_signed(text: str) -> int:
    """An amount in cents, negative for money back, never zero, at most ten million euros either way."""
    try:
        cents = parse_amount(text)
    except AmbiguousAmount:
        raise CellError("ambiguous_amount") from None
    except ValueError:
        raise CellError("bad_amount") from None
    if cents == 0:
        raise CellError("amount_zero")
    if abs(cents) > MAX_CENTS:
        raise CellError("amount_too_large", f"{MAX_CENTS // 100:,}.00")
    return cents


def read_positive(text: str) -> int:
    """An amount in cents, more than zero, at most ten million euros."""
    cents = read_signed(text)
    if cents < 0:
        raise CellError("amount_not_positive")
    return cents
