"""Opens a file of payments, whatever it is: camt.053, MT940 or CSV, recognised by what it begins with."""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dunning.outside.bank.camt import CamtFile
from dunning.outside.bank.entry import BankEntry
from dunning.outside.bank.mt940 import Mt940File
from dunning.outside.platform.payment_csv import PaymentRow, read_payments
from dunning.outside.tables.problem import Problem
from dunning.rules.terms import PaymentSource

BEGINNING = 4_096
BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# a SWIFT envelope may stand before the first field
mt940_start = re.compile(rb"\s*(?:\{[^\n]*\n?|\s)*:20:")


@dataclass(frozen=True)
class PaymentFile:
    """Its payments, to be read as often as needed. `left_out` tells, once read, how many entries were no payment."""

    source: PaymentSource
    rows: Iterable[PaymentRow | BankEntry | Problem]
    warnings: Sequence[Problem] = ()
    left_out: Counter[str] = field(default_factory=Counter)


def open_payments(path: Path) -> PaymentFile:
    """The payments of a file; what is neither camt nor MT940 is read as CSV."""
    with path.open("rb") as stream:
        start = stream.read(BEGINNING)
    for mark in BYTE_ORDER_MARKS:
        start = start.removeprefix(mark)
    if start.replace(b"\0", b"").lstrip().startswith(b"<"):
        camt = CamtFile(path)
        return PaymentFile("camt", camt, left_out=camt.left_out)
    if mt940_start.match(start):
        swift = Mt940File(path)
        return PaymentFile("mt940", swift, left_out=swift.left_out)
    rows = read_payments(path)
    return PaymentFile("csv", rows, rows.warnings)
