"""What can be wrong with a CSV file, said with file line, column, value and a code.

The code is for programs: the web looks up its own translation by it. The message is English, for the
command line. A value from the file is shortened and escaped before it is shown anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_PROBLEMS = 1_000
SHOWN_CHARACTERS = 60

MESSAGES = {
    "empty_file": "the file is empty",
    "utf_16": "the file is UTF-16 or UTF-32; save it as CSV UTF-8",
    "spreadsheet": "the file is a spreadsheet or an archive; save it as CSV UTF-8",
    "shortened_number": "'%(value)s' is a number that a spreadsheet has shortened; format the column as text",
    "binary_file": "the header holds NUL bytes; this is not a CSV file",
    "too_many_columns": "the header has %(value)s columns, at most %(hint)s are read",
    "missing_column": "this column is required and missing",
    "duplicate_column": "this column appears more than once",
    "unknown_column": "'%(value)s' is not a known column and is ignored",
    "record_too_long": "the row is longer than %(hint)s characters; the rest of the file was not read",
    "field_too_long": "a field is longer than %(hint)s characters",
    "bad_quotes": "a quotation mark is not closed, or text follows a closed one",
    "field_count": "the row has %(value)s fields, the header has %(hint)s",
    "bad_byte": "'%(value)s' holds bytes that are neither UTF-8 nor CP1252 text",
    "control_character": "'%(value)s' holds a control character",
    "missing_value": "a value is required",
    "too_long": "'%(value)s' is longer than %(hint)s characters",
    "bad_identifier": "'%(value)s' is not an ID (1 to %(hint)s visible characters, no spaces)",
    "bad_number": "'%(value)s' is not a whole number from 1 to %(hint)s",
    "bad_date": "'%(value)s' is not a date (2026-12-31 or 31.12.2026)",
    "date_range": "'%(value)s' is not between the years %(hint)s",
    "bad_amount": "'%(value)s' is not an amount (1234.56 or 1.234,56)",
    "ambiguous_amount": "'%(value)s' is ambiguous: write 1234.00 or 1.234,00, or 1.23 for cents",
    "amount_not_positive": "'%(value)s' must be more than zero",
    "amount_zero": "an amount must not be zero",
    "amount_too_large": "'%(value)s' is more than %(hint)s",
    "not_allowed": "'%(value)s' is not one of %(hint)s",
    "bad_currency": "'%(value)s' is not a currency code of three letters",
    "bad_country": "'%(value)s' is not a country code of two letters",
    "rate_above_total": "rate %(value)s is more than the total number of payments, %(hint)s",
    "plan_and_total": "a one-time payment cannot have %(value)s payments",
    "duplicate_receivable": "order %(value)s has this rate already in row %(hint)s",
    "duplicate_transaction": "transaction %(value)s stands already in row %(hint)s",
    "unknown_claim": "%(value)s is not the reference of a claim that was handed over",
    "no_mandate": "claim %(value)s has not been accepted in an earlier row or file",
    "other_mandate": "%(value)s is not the mandate of claim %(hint)s",
    "unknown_vendor": "vendor %(value)s does not exist",
    "other_vendor": "order %(value)s belongs to another vendor",
}


def show_value(text: str) -> str:
    """A value of the file as it may be printed: at most 60 characters, one line, every odd one escaped."""
    shown = "".join(_show_character(character) for character in text[:SHOWN_CHARACTERS])
    return shown if len(text) <= SHOWN_CHARACTERS else shown + "…"


def _show_character(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":  # surrogateescape: a byte the encoding does not know
        return f"\\x{ord(character) - 0xDC00:02x}"
    return ascii(character)[1:-1]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file.

    `row` is the line an editor shows (the header is 1, a quoted field may span several), None for the
    file as a whole; `value` is the offending text, already shortened and escaped; `hint` is the limit, the
    allowed values or the other row, as the code's message says.
    """

    code: str
    row: int | None = None
    column: str | None = None
    value: str = ""
    hint: str = ""

    @property
    def message(self) -> str:
        return MESSAGES[self.code] % {"value": self.value, "hint": self.hint}

    def __str__(self) -> str:
        places = []
        if self.row is not None:
            places.append(f"row {self.row}")
        if self.column is not None:
            places.append(f"column {self.column}")
        return f"{', '.join(places) or 'file'}: {self.message}"


@dataclass
class ProblemList:
    """Collects the first 1,000 problems of a file and counts the others, so memory stays bounded."""

    problems: list[Problem] = field(default_factory=list)
    total: int = 0

    def add(self, problem: Problem) -> None:
        self.total += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)

    def __bool__(self) -> bool:
        return self.total > 0

    @property
    def more(self) -> int:
        """How many were counted but not kept."""
        return self.total - len(self.problems)

    def lines(self) -> Iterator[str]:
        """One line per problem for stderr, the last one saying how many more there are."""
        yield from (str(problem) for problem in self.problems)
        if self.more:
            yield f"… and {self.more} more"
