"""Bank statements in MT940 (SWIFT) as German banks write them; UTF-8 or CP1252, streamed line by line.

A statement begins with `:20:` and must lead from its opening (`:60F:`) to its closing balance (`:62F:`).
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dunning.outside.bank.entry import BankEntry, Statement
from dunning.outside.bank.mt940_entry import (
    Booked,
    Line,
    find_reason,
    make_cents,
    make_payment,
    read_account,
    read_booked,
)
from dunning.outside.bank.mt940_text import Remittance, read_text
from dunning.outside.bank.problem import BankProblem
from dunning.outside.tables.file import UNDECODED, detect_encoding
from dunning.outside.tables.problem import Problem, show_value
from dunning.outside.tables.table import FORBIDDEN

LONGEST_FIELD = 5_000
field_start = re.compile(r":(\d\d[A-Z]?):(.*)", re.DOTALL)
balance_field = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d{1,13}),(\d{0,2})")


class Mt940File:
    """The payments of a file. Each iteration reads it anew; `left_out` then counts what was no payment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.left_out: Counter[str] = Counter()

    def __iter__(self) -> Iterator[BankEntry | Problem]:
        self.left_out.clear()
        encoding = detect_encoding(self._path)
        if isinstance(encoding, Problem):
            yield encoding
            return
        reader = _Reader(self.left_out)
        for line in read_fields(self._path, encoding):
            yield from [line] if isinstance(line, Problem) else reader.take(line)
        yield from reader.finish()


def read_fields(path: Path, encoding: str) -> Iterator[Line | BankProblem]:
    """The fields in order; a line that begins none goes on with the field before it."""
    with path.open(encoding=encoding, errors="surrogateescape", newline=None) as stream:
        present, row = None, 0
        while text := stream.readline(LONGEST_FIELD + 1):
            row += 1
            text = text.rstrip("\r\n")
            if problem := _check_line(row, text):
                yield problem
                continue
            start = field_start.match(text)
            if start or text == "-" or text.startswith(("-}", "{")):
                if present:
                    yield present
                present = Line(row, start[1], [start[2]]) if start else None
            elif present and sum(map(len, present.lines)) > LONGEST_FIELD:
                yield BankProblem("field_too_long", row, hint=f"{LONGEST_FIELD:,}")
            elif present:
                present.lines.append(text)
        if present:
            yield present


def _check_line(row: int, text: str) -> BankProblem | None:
    if len(text) > LONGEST_FIELD:
        return BankProblem("field_too_long", row, hint=f"{LONGEST_FIELD:,}")
    if UNDECODED.search(text):
        return BankProblem("bad_byte", row, value=show_value(text))
    return BankProblem("control_character", row, value=show_value(text)) if FORBIDDEN.search(text) else None


class _Reader:
    """Collects the fields of a statement; an entry is complete when the field after its text has come."""

    def __init__(self, left_out: Counter[str]) -> None:
        self._left_out = left_out
        self._statement: Statement | None = None
        self._currency = ""
        self._booked: Booked | None = None
        self._text = Remittance()
        self._payments = 0
        self._any = False

    def take(self, line: Line) -> Iterator[BankEntry | BankProblem]:
        """One field; gives the payment that is complete with it."""
        if line.tag == "86" and self._booked:
            self._text = read_text(line.lines)
            return
        yield from self._end_entry()
        statement = self._statement
        if line.tag == "20":
            yield from self._cut_off(line)
            self._statement, self._any = Statement(), True
        elif statement is None:
            # after the closing balance come available balances and a word to the account holder
            yield from [line.refuse()] if line.tag == "61" else []
        elif line.tag == "25":
            statement.account = read_account(line.text)
        elif line.tag == "28C":
            statement.name = line.text.strip()[:70]
        elif line.tag in ("60F", "60M", "62F", "62M"):
            yield from self._take_balance(line, statement)
        elif line.tag == "61":
            yield from self._begin_entry(line, statement)

    def finish(self) -> Iterator[BankEntry | BankProblem]:
        """What the end of the file completes, or cuts off."""
        yield from self._end_entry()
        yield from self._cut_off(None)
        if not self._any:
            yield BankProblem("no_statement")

    def _cut_off(self, line: Line | None) -> Iterator[BankProblem]:
        if self._statement:
            yield BankProblem("cut_off", line.row if line else None, statement=self._statement.name)
        self._statement = None

    def _take_balance(self, line: Line, statement: Statement) -> Iterator[BankProblem]:
        found = balance_field.fullmatch(line.text.strip())
        if found is None:
            statement.broken = True
            yield line.refuse()
            return
        mark, day, self._currency, whole, cents = found.groups()
        value = (1 if mark == "C" else -1) * make_cents(whole, cents)
        if line.tag.startswith("60"):
            # a number is used again every year, and by every page
            statement.name, statement.opening = f"{statement.name}/{day}", value
            return
        statement.closing, self._statement = value, None
        if problem := statement.check():
            yield problem

    def _begin_entry(self, line: Line, statement: Statement) -> Iterator[BankProblem]:
        statement.entries += 1
        self._booked = read_booked(line)
        if self._booked is None:
            statement.broken = True
            yield line.refuse()
        else:
            statement.total += self._booked.cents

    def _end_entry(self) -> Iterator[BankEntry]:
        booked, text, statement = self._booked, self._text, self._statement
        self._booked, self._text = None, Remittance()
        if booked is None or statement is None:
            return
        if reason := find_reason(booked, text):
            self._left_out[reason] += 1
            return
        self._payments += 1
        yield make_payment(booked, text, statement, self._currency, self._payments)
