"""Bank statements in MT940 (SWIFT) as German banks write them; UTF-8 or CP1252, streamed line by line.

A statement begins with `:20:` and must lead from its opening (`:60F:`) to its closing balance (`:62F:`).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dunning.outside.bank.entry import BankEntry
from dunning.outside.bank.mt940_entry import (
    Line,
    make_cents,
    make_payment,
    park_entry,
    read_account,
    read_booked,
    read_day,
    read_rest,
)
from dunning.outside.bank.mt940_text import read_text
from dunning.outside.bank.problem import BankProblem
from dunning.outside.bank.statement import Account, Statement
from dunning.outside.tables.file import UNDECODED, detect_encoding
from dunning.outside.tables.problem import Problem
from dunning.outside.tables.table import FORBIDDEN

LONGEST_FIELD = 5_000
field_start = re.compile(r":(\d\d[A-Z]?):(.*)", re.DOTALL)
# what can follow the text of an entry, until the closing balance has come
AFTER_TEXT = ("61", "62F", "62M", "64", "65", "86")
CLOSING = ("62F", "62M")
balance_field = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d{1,13}),(\d{0,2})")


class Mt940File:
    """The payments of a file. Each iteration reads it anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._accounts = Account()

    def __iter__(self) -> Iterator[BankEntry | Problem]:
        self._accounts.restart()
        encoding = detect_encoding(self._path)
        if isinstance(encoding, Problem):
            yield encoding
            return
        reader = _Reader(self._accounts)
        for line in read_fields(self._path, encoding):
            yield from [line] if isinstance(line, Problem) else reader.take(line)
        yield from reader.finish()


def read_fields(path: Path, encoding: str) -> Iterator[Line | BankProblem]:
    """The fields in order; a line that begins none goes on with the field before it."""
    fields = _Fields()
    with path.open(encoding=encoding, errors="surrogateescape", newline=None) as stream:
        row = 0
        while text := stream.readline(LONGEST_FIELD + 1):
            row += 1
            if len(text) > LONGEST_FIELD:
                yield BankProblem("field_too_long", row, hint=f"{LONGEST_FIELD:,}")
            else:
                yield from fields.take(row, clean_line(text))
        yield from fields.end(None)


class _Fields:
    """Puts lines together. `closed`: the closing balance has come."""

    def __init__(self) -> None:
        self.present: Line | None = None
        self.closed = True

    def take(self, row: int, text: str) -> Iterator[Line | BankProblem]:
        """One line; gives the field that ends before it."""
        present, start = self.present, field_start.match(text)
        if start and self.begins(start[1]):
            yield from self.end(Line(row, start[1], [start[2]]))
        elif text == "-" or text.startswith(("-}", "{")):
            yield from self.end(None)
        elif present and sum(map(len, present.lines)) > LONGEST_FIELD:
            yield BankProblem("field_too_long", row, hint=f"{LONGEST_FIELD:,}")
        elif present:
            present.lines.append(text)

    def begins(self, tag: str) -> bool:
        """Inside the text of an entry only what can follow one is a field: `:46:08` and `:20:15` are times of day."""
        inside = self.present is not None and self.present.tag == "86" and not self.closed
        return not inside or tag in AFTER_TEXT

    def end(self, following: Line | None) -> Iterator[Line]:
        """The field so far, with what comes now."""
        if self.present:
            yield self.present
        self.present = following
        if following and following.tag in ("20", *CLOSING):
            self.closed = following.tag in CLOSING


def clean_line(text: str) -> str:
    """Without control signs (old programs end a file with one); what is no text of the encoding is marked as such."""
    return FORBIDDEN.sub("", UNDECODED.sub("\N{REPLACEMENT CHARACTER}", text.rstrip("\r\n")))


class _Reader:
    """Collects the fields of a statement; an entry is complete when the field after its text has come."""

    def __init__(self, accounts: Account) -> None:
        self._accounts = accounts
        self._statement: Statement | None = None
        self._currency = ""
        self._entry: Line | None = None
        self._text: list[str] = []
        self._payments = 0
        self._any = False

    def take(self, line: Line) -> Iterator[BankEntry | BankProblem]:
        """One field; gives the payment that is complete with it."""
        if line.tag == "86" and self._entry:
            self._text = line.lines
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
        elif line.tag in ("28C", "28"):
            statement.name = line.text.strip()[:70]
            statement.former_name = statement.name if line.tag == "28C" else ""
        elif line.tag in ("60F", "60M", "62F", "62M"):
            yield from self._take_balance(line, statement)
        elif line.tag == "61":
            statement.entries += 1
            self._entry = line

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
            statement.former_name, statement.day = f"{statement.former_name}/{day}", read_day(day)
            return
        statement.closing, self._statement = value, None
        if problem := statement.check():
            yield problem

    def _end_entry(self) -> Iterator[BankEntry | BankProblem]:
        line, text, statement = self._entry, self._text, self._statement
        self._entry, self._text = None, []
        if line is None or statement is None:
            return
        booked, day = read_booked(line), statement.day
        if booked:
            statement.total += booked.cents
            payment = make_payment(booked, read_text(text) if text else read_rest(booked), self._currency)
        elif day:
            statement.broken = True
            payment = park_entry(line, text, day, self._currency)
        else:
            yield line.refuse()
            return
        self._payments += 1
        named = statement.identify(payment, booked.bank if booked else "", "", self._accounts)
        yield replace(named, row=self._payments)
