"""One entry (`Ntry`) of a camt.053 statement and its transactions (`TxDtls`), versions 2 and 8 alike.

Version 8 wraps what version 2 wrote plainly: `Sts/Cd`, `Dbtr/Pty/Nm`. Whatever a bank leaves out is looked for in the
next place it may stand.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

from lxml.etree import _Element as Element

from dunning.outside.bank.entry import (
    DEBIT_REVERSED,
    LONGEST_NAME,
    NOT_BOOKED,
    NOTHING,
    OUR_MONEY_BACK,
    OUTGOING,
    RETURNED_DEBIT,
    BankEntry,
    Statement,
    join_reference,
    write_cents,
)
from dunning.outside.bank.problem import BankProblem
from dunning.outside.tables.problem import show_value

amount_sign = re.compile(r"(\d{1,13})(?:\.(\d{1,2})0*)?\.?")
bank_code = re.compile(r"(?:^|\+)(\d{3})(?:\+|$)")
SIGNS = {"CRDT": 1, "DBIT": -1}


class EntryError(ValueError):
    """Something in an entry cannot be read; carries the problem's code, value and hint."""

    def __init__(self, code: str, value: str = "", hint: str = "") -> None:
        self.code, self.value, self.hint = code, show_value(value), hint
        super().__init__(code)

    def at(self, statement: Statement) -> BankProblem:
        """The problem with its place."""
        return BankProblem(
            self.code, value=self.value, hint=self.hint, statement=statement.name, entry=statement.entries
        )


@dataclass(frozen=True)
class Amount:
    """An amount of the file, in cents of its currency."""

    cents: int
    currency: str


@dataclass(frozen=True)
class Details:
    """One transaction of an entry, as far as it says something."""

    amount: Amount | None
    instructed: Amount | None
    charges: int
    sign: int | None
    reference: str
    end_to_end: str
    structured: str
    lines: tuple[str, ...]
    payer_name: str
    payer_iban: str
    return_code: str


NOTHING_KNOWN = Details(None, None, 0, None, "", "", "", (), "", "", "")


@dataclass(frozen=True)
class Entry:
    """What an entry says of all its transactions. `cents` is signed as the account sees it."""

    cents: int
    currency: str
    booked_on: dt.date
    value_date: dt.date
    reference: str
    left_out: str


@cache
def _path(names: str) -> str:
    return "/".join(f"{{*}}{name}" for name in names.split("/"))


def text_at(element: Element, *paths: str) -> str:
    """The first text that is not empty; "" when there is none."""
    for names in paths:
        if text := (element.findtext(_path(names)) or "").strip():
            return " ".join(text.split())
    return ""


def amount_at(element: Element, *paths: str) -> Amount | None:
    """The first amount there is. EntryError for one that is none."""
    for names in paths:
        if (found := element.find(_path(names))) is not None:
            return Amount(parse_cents(found.text or ""), found.get("Ccy", ""))
    return None


def parse_cents(text: str) -> int:
    """`1190.5` -> 119050. EntryError for what is no amount of whole cents."""
    match = amount_sign.fullmatch(text.strip())
    if match is None:
        raise EntryError("bad_amount", text)
    whole, cents = match.groups()
    return int(whole) * 100 + int((cents or "0").ljust(2, "0"))


def sign_at(element: Element) -> int:
    """1 for a credit, -1 for a debit. EntryError for neither."""
    mark = text_at(element, "CdtDbtInd")
    if mark not in SIGNS:
        raise EntryError("bad_sign", mark)
    return SIGNS[mark]


def read_details(element: Element) -> Details:
    """One `TxDtls`."""
    mark = text_at(element, "CdtDbtInd")
    return Details(
        amount=amount_at(element, "Amt", "AmtDtls/TxAmt/Amt"),
        instructed=amount_at(element, "AmtDtls/InstdAmt/Amt"),
        charges=_sum_charges(element),
        sign=sign_at(element) if mark else None,
        reference=text_at(element, "Refs/AcctSvcrRef"),
        end_to_end=text_at(element, "Refs/EndToEndId"),
        structured=text_at(element, "RmtInf/Strd/CdtrRefInf/Ref"),
        lines=tuple(" ".join((line.text or "").split()) for line in element.findall(_path("RmtInf/Ustrd"))),
        payer_name=text_at(element, "RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Nm", "RltdPties/UltmtDbtr/Nm"),
        payer_iban=text_at(element, "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id"),
        return_code=text_at(element, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"),
    )


def _sum_charges(element: Element) -> int:
    """What the bank charged for the transaction: in one sum, or record by record."""
    if total := amount_at(element, "Chrgs/TtlChrgsAndTaxAmt"):
        return total.cents
    places = ("Chrgs/Rcrd/Amt", "Chrgs/Amt")
    return sum(parse_cents(found.text or "") for place in places for found in element.findall(_path(place)))


def read_entry(element: Element, details: list[Details]) -> Entry:
    """One `Ntry` without its transactions. EntryError names what cannot be read."""
    amount, sign = amount_at(element, "Amt"), sign_at(element)
    if amount is None:
        raise EntryError("bad_amount")
    booked_on = _read_day(element, "BookgDt") or _read_day(element, "ValDt")
    if booked_on is None:
        raise EntryError("bad_date")
    return Entry(
        cents=sign * amount.cents,
        currency=amount.currency,
        booked_on=booked_on,
        value_date=_read_day(element, "ValDt") or booked_on,
        reference=text_at(element, "AcctSvcrRef"),
        left_out=_find_reason(element, sign, amount, any(part.return_code for part in details)),
    )


def _read_day(element: Element, name: str) -> dt.date | None:
    text = text_at(element, f"{name}/Dt", f"{name}/DtTm")
    try:
        return dt.date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise EntryError("bad_date", text) from error


def _find_reason(element: Element, sign: int, amount: Amount, returned: bool) -> str:
    """Why the entry is no payment of a buyer; "" when it is one, or a returned debit."""
    if text_at(element, "Sts/Cd", "Sts") != "BOOK":
        return NOT_BOOKED
    if not amount.cents:
        return NOTHING
    codes = bank_code.findall(text_at(element, "BkTxCd/Prtry/Cd"))
    reversal = text_at(element, "RvslInd") in ("true", "1")
    if sign > 0:
        ours = reversal or returned or any(code in OUR_MONEY_BACK for code in codes)
        return DEBIT_REVERSED if ours else ""
    return "" if reversal or any(code in RETURNED_DEBIT for code in codes) else OUTGOING


def list_payments(entry: Entry, details: list[Details], statement: Statement, first: int) -> list[BankEntry]:
    """The payments of an entry: each transaction of a batch is one. EntryError unless they add up to it."""
    parts = details or [NOTHING_KNOWN]
    amounts = [_part_amount(part, entry, alone=len(parts) == 1) for part in parts]
    if sum(amounts) != entry.cents:
        raise EntryError("details_sum", write_cents(sum(amounts)), write_cents(entry.cents))
    return [
        _make_payment(entry, part, cents, statement, first + number)
        for number, (part, cents) in enumerate(zip(parts, amounts, strict=True))
        if cents
    ]


def _part_amount(part: Details, entry: Entry, *, alone: bool) -> int:
    """Signed cents of one transaction, in the entry's currency."""
    sign = part.sign or (1 if entry.cents > 0 else -1)
    for amount in (part.amount, None if alone else part.instructed):
        if amount and amount.currency == entry.currency:
            return sign * amount.cents
    if not alone:
        raise EntryError("details_amount")
    return entry.cents


def _make_payment(entry: Entry, part: Details, cents: int, statement: Statement, row: int) -> BankEntry:
    fee = _find_fee(part, -cents, entry.currency) if cents < 0 else 0
    return BankEntry(
        row=row,
        amount_cents=cents + fee,
        currency=entry.currency,
        value_date=entry.value_date,
        identity=statement.identify(entry.reference or part.reference, cents, entry.booked_on),
        reference=join_reference(part.structured, part.lines, part.end_to_end),
        payer_name=part.payer_name[:LONGEST_NAME],
        payer_iban=part.payer_iban,
        return_code=part.return_code,
        return_fee_cents=fee,
        structured=part.structured,
        end_to_end=part.end_to_end,
    )


def _find_fee(part: Details, taken: int, currency: str) -> int:
    """What the bank took on top of a returned debit: all above the original amount, else its charges."""
    original = part.instructed
    if original and original.currency == currency and 0 < original.cents <= taken:
        return taken - original.cents
    return part.charges if part.charges < taken else 0
