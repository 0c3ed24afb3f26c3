"""Opens a file of payments, whatever it is: camt.053, MT940 or CSV, recognised by what it begins with."""

import codecs
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dunning.outside.bank.camt import CamtFile
from dunning.outside.bank.entry import BankEntry
from dunning.outside.bank.mt940 import Mt940File
from dunning.outside.platform.payment_csv import PaymentRow, read_payments
from dunning.outside.tables.problem import Problem
from dunning.rules.terms import PaymentSource

BEGINNING = 4_096
BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# a SWIFT envelope or the bank's own lines may stand before the first field
mt940_start = re.compile(rb"(?:[^\n:]*\n){0,9}\s*(?:\{[^\n]*\n?|\s)*:20:")


@dataclass(frozen=True)
class PaymentFile:
    """Its payments, to be read as often as needed."""

    source: PaymentSource
    rows: Iterable[PaymentRow | BankEntry | Problem]
    warnings: Sequence[Problem] = ()


def open_payments(path: Path, timezone: dt.tzinfo) -> PaymentFile:
    """The payments of a file; what is neither camt nor MT940 is read as CSV. Moments of a file are local days there."""
    with path.open("rb") as stream:
        start = stream.read(BEGINNING)
    for mark in BYTE_ORDER_MARKS:
        start = start.removeprefix(mark)
    if start.replace(b"\0", b"").lstrip().startswith(b"<"):
        return PaymentFile("camt", CamtFile(path, timezone))
    if mt940_start.match(start):
        return PaymentFile("mt940", Mt940File(path))
    rows = read_payments(path)
    return PaymentFile("csv", rows, rows.warnings)
