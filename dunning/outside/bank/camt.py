"""Bank statements in camt.053 (ISO 20022), versions 2 and 8: streamed, checked, nothing outside the file is touched.

A document type is refused before anything it declares could be used; so are entities, other versions and files that
end too early. A statement whose entries do not lead from its opening to its closing balance is a problem.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from lxml import etree
from lxml.etree import _Element as Element

from dunning.outside.bank import camt_entry
from dunning.outside.bank.camt_entry import NOTHING_KNOWN, Details, Entry, EntryError
from dunning.outside.bank.camt_payments import list_payments, park_entry
from dunning.outside.bank.entry import BankEntry
from dunning.outside.bank.problem import BankProblem
from dunning.outside.bank.statement import Account, Statement
from dunning.outside.tables.problem import show_value

FAMILY = "urn:iso:std:iso:20022:tech:xsd:"
VERSIONS = ("camt.053.001.02", "camt.053.001.08")
MEGABYTE = 1 << 20
MOST_BYTES = 1024 * MEGABYTE
MOST_WITHOUT_ENTRY = 4 * MEGABYTE
OPENING = ("PRCD", "OPBD")
STATEMENT, FIELD, DETAILS = 3, 4, 6  # depths of Stmt, of what it consists of, and of TxDtls


class FileRefused(Exception):
    """The file as a whole cannot be read; carries the problem."""

    def __init__(self, code: str, value: str = "", hint: str = "") -> None:
        self.problem = BankProblem(code, value=show_value(value), hint=hint)
        super().__init__(code)


class _Guard:
    """Hands out the file in pieces and stops when too much comes without an entry being finished."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._without_entry = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self._without_entry += len(piece)
        if self._without_entry > MOST_WITHOUT_ENTRY:
            raise FileRefused("entry_too_large", hint=str(MOST_WITHOUT_ENTRY // MEGABYTE))
        return piece

    def note_progress(self) -> None:
        self._without_entry = 0


class CamtFile:
    """The payments of a file. Each iteration reads it anew; days without an offset are the bank's own."""

    def __init__(self, path: Path, timezone: dt.tzinfo) -> None:
        self._path, self._timezone = path, timezone
        self._accounts = Account()

    def __iter__(self) -> Iterator[BankEntry | BankProblem]:
        self._accounts.restart()
        reader = _Reader(self._accounts, self._timezone)
        try:
            if self._path.stat().st_size > MOST_BYTES:
                raise FileRefused("too_large", hint=str(MOST_BYTES // MEGABYTE))
            with self._path.open("rb") as stream:
                yield from reader.read(_Guard(stream))
        except etree.XMLSyntaxError as error:
            yield BankProblem("not_xml", value=show_value(error.msg or ""))
        except FileRefused as refused:
            yield refused.problem


class _Reader:
    """Walks the events of one file; only what belongs to the present entry is held in memory."""

    def __init__(self, accounts: Account, timezone: dt.tzinfo) -> None:
        self._accounts, self._timezone = accounts, timezone
        self._statement = Statement()
        self._statements = 0
        self._payments = 0
        self._details: list[Details] = []
        self._error: EntryError | None = None

    def read(self, guard: _Guard) -> Iterator[BankEntry | BankProblem]:
        events = etree.iterparse(
            guard,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        depth = 0
        for event, element in events:
            if event == "start":
                depth += 1
                if depth == 1:
                    check_root(element)
                continue
            name = etree.QName(element).localname
            if depth in (STATEMENT, FIELD) or (depth, name) == (DETAILS, "TxDtls"):
                yield from self._take(depth, name, element)
                _forget(element)
                guard.note_progress()
            depth -= 1
        if not self._statements:
            yield BankProblem("no_statement")

    def _take(self, depth: int, name: str, element: Element) -> Iterator[BankEntry | BankProblem]:
        if depth == DETAILS:
            self._take_details(element)
        elif (depth, name) == (STATEMENT, "Stmt"):
            yield from self._end_statement()
        elif depth == FIELD and name == "Ntry":
            yield from self._take_entry(element)
        elif depth == FIELD:
            yield from self._take_field(name, element)

    def _take_details(self, element: Element) -> None:
        try:
            self._details.append(camt_entry.read_details(element))
        except EntryError as error:
            self._error = error

    def _take_field(self, name: str, element: Element) -> Iterator[BankProblem]:
        statement = self._statement
        if name == "Id":
            statement.name = statement.former_name = " ".join((element.text or "").split())[:70]
        elif name == "Acct":
            account = camt_entry.text_at(element, "Id/IBAN", "Id/Othr/Id")
            statement.account = account.replace(" ", "").upper()
        elif name == "Bal":
            try:
                _take_balance(statement, element, self._timezone)
            except EntryError as error:
                statement.broken = True
                yield BankProblem(error.code, value=error.value, statement=statement.name)

    def _take_entry(self, element: Element) -> Iterator[BankEntry | BankProblem]:
        statement, details, error = self._statement, self._details, self._error
        self._details, self._error = [], None
        statement.entries += 1
        entry: Entry | None = None
        try:
            entry = camt_entry.read_entry(element, self._timezone)
            statement.total += entry.cents if entry.booked else 0
            if error:
                raise error
            found = list_payments(entry, details)
        except EntryError as problem:
            statement.broken = statement.broken or entry is None
            parked = park_entry(problem, statement, entry)
            if parked is None:
                yield problem.at(statement)
                return
            found = [(parked, NOTHING_KNOWN)]
        for payment, part in found:
            self._payments += 1
            reference = (entry.reference if entry else "") or part.reference
            named = statement.identify(payment, reference, part.own_reference, self._accounts)
            yield replace(named, row=self._payments)

    def _end_statement(self) -> Iterator[BankProblem]:
        problem = self._statement.check()
        self._statement = Statement()
        self._statements += 1
        if problem:
            yield problem


def check_root(root: Element) -> None:
    """FileRefused for a document type, and for what is no camt.053 of a version that is read."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise FileRefused("document_type")
    name = etree.QName(root)
    version = (name.namespace or "").removeprefix(FAMILY)
    if name.localname != "Document" or version not in VERSIONS:
        raise FileRefused("unknown_version", version or name.localname)


def _take_balance(statement: Statement, element: Element, timezone: dt.tzinfo) -> None:
    """The booked balances; on a paged statement the interim ones stand for what a page lacks."""
    code = camt_entry.text_at(element, "Tp/CdOrPrtry/Cd")
    amount = camt_entry.amount_at(element, "Amt")
    if amount is None or code not in (*OPENING, "CLBD", "ITBD"):
        return
    with suppress(EntryError):  # a day that only stands in for one an entry lacks
        statement.day = statement.day or camt_entry.read_day(element, "Dt", timezone)
    cents = camt_entry.sign_at(element) * amount.cents
    if code in OPENING or (code == "ITBD" and statement.opening is None):
        statement.opening = cents
    else:
        statement.closing = cents


def _forget(element: Element) -> None:
    """Frees what has been read, up to this element."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
