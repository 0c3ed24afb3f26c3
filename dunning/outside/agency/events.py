"""What a collection agency without an API answers: CSV files of one event per row.

An event is the same whenever its row is read again, in the same file or in another; two equal rows of one file are two
events. So a file that comes twice changes nothing.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dunning.outside.tables.cells import choice_reader, identifier_reader, read_date, read_signed, text_reader
from dunning.outside.tables.header import Column
from dunning.outside.tables.problem import Problem, show_value
from dunning.outside.tables.table import CsvRows, Values

# event -> the cells it cannot do without
EVENTS: dict[str, tuple[str, ...]] = {
    "under_review": (),
    "accepted": ("mandate",),
    "rejected": ("reason",),
    "payment": ("amount", "value_date"),
    "payment_reversed": ("amount",),
    "balance": ("amount",),
    "paused": (),
    "resumed": (),
    "court": (),
    "foreclosure": (),
    "monitoring": (),
    "message": ("reason",),
    "paid": (),
    "ended": (),
    "cancelled": (),
    "withdrawn": (),
}
# before there is a mandate
BEFORE_MANDATE = ("under_review", "accepted", "rejected", "message")
COLUMNS = (
    Column("reference", "reference", identifier_reader(100), needed=True, filled=True),
    Column("event", "event", choice_reader(tuple(EVENTS)), needed=True, filled=True),
    Column("mandate", "mandate", text_reader(64)),
    Column("amount", "cents", read_signed, empty=None),
    Column("value_date", "value_date", read_date, empty=None),
    Column("reason", "reason", text_reader(1000)),
    Column("date", "date", read_date, needed=True, filled=True),
)
FIELD_OF = {column.name: column.field for column in COLUMNS}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerEvent:
    """One row: what became of the claim `reference` on the local day `date`. `cents` is never 0."""

    row: int
    reference: str
    event: str
    mandate: str
    cents: int | None
    value_date: dt.date | None
    reason: str
    date: dt.date
    identity: str


def read_events(path: Path) -> CsvRows[PartnerEvent]:
    """The events of a file that was checked before."""
    return CsvRows(path, COLUMNS, NumberedEvents)


def check_events(path: Path, mandates: Mapping[str, str], known: Callable[[str], bool]) -> list[Problem]:
    """What is wrong with a new file: rows that cannot be read, or that do not fit what is known.

    `mandates`: reference -> mandate of the claims accepted so far; `known`: whether a claim was handed over.
    """
    rows = CsvRows(path, COLUMNS, lambda: EventCheck(mandates, known))
    return [found for found in rows if isinstance(found, Problem)]


class NumberedEvents:
    """Gives each row its identity: the n-th equal row of a file is the n-th such event."""

    def __init__(self) -> None:
        self._equal_rows: Counter[str] = Counter()

    def __call__(self, row: int, values: Values) -> PartnerEvent | Problem:
        content = "\n".join(f"{name}={values[name]}" for name in sorted(values))
        self._equal_rows[content] += 1
        numbered = f"{content}\n{self._equal_rows[content]}"
        return PartnerEvent(row=row, identity=hashlib.sha256(numbered.encode()).hexdigest()[:32], **values)


class EventCheck(NumberedEvents):
    """Knows which claims there are, and which mandates as of the row before."""

    def __init__(self, mandates: Mapping[str, str], known: Callable[[str], bool]) -> None:
        super().__init__()
        self._mandates = dict(mandates)
        self._owners = {mandate: reference for reference, mandate in mandates.items()}
        self._known = known

    def __call__(self, row: int, values: Values) -> PartnerEvent | Problem:
        if missing := find_missing(values):
            return Problem("missing_value", row, missing)
        if values["event"] == "payment" and values["cents"] < 0:
            return Problem("amount_not_positive", row, "amount", show_value(str(values["cents"] / 100)))
        if not self._known(values["reference"]):
            return Problem("unknown_claim", row, "reference", show_value(values["reference"]))
        return self._check_mandate(row, values) or super().__call__(row, values)

    def _check_mandate(self, row: int, values: Values) -> Problem | None:
        reference, mandate = values["reference"], values["mandate"]
        if values["event"] == "accepted" and self._owners.setdefault(mandate, reference) == reference:
            self._mandates.setdefault(reference, mandate)
        if values["event"] not in BEFORE_MANDATE and reference not in self._mandates:
            return Problem("no_mandate", row, "reference", show_value(reference))
        if mandate and self._mandates.get(reference) != mandate:
            return Problem("other_mandate", row, "mandate", show_value(mandate), reference)
        return None


def find_missing(values: Values) -> str | None:
    """The first column this event needs and the row leaves empty."""
    return next((name for name in EVENTS[values["event"]] if values[FIELD_OF[name]] in (None, "")), None)
