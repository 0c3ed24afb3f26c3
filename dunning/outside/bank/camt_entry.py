"""One entry (`Ntry`) of a camt.053 statement and its transactions (`TxDtls`), versions 2 and 8 alike.

Version 8 wraps what version 2 wrote plainly: `Sts/Cd`, `Dbtr/Pty/Nm`. Whatever a bank leaves out is looked for in the
next place it may stand.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lxml.etree import _Element as Element

from dunning.outside.bank.meaning import RETURNED_FAMILY, RETURNED_TYPE
from dunning.outside.bank.problem import BankProblem
from dunning.outside.bank.statement import Statement
from dunning.outside.tables.problem import show_value

amount_sign = re.compile(r"0*(\d{1,13})(?:\.(\d{1,2})0*)?\.?")
bank_code = re.compile(r"(?:^|\+)(\d{3})(?:\+|$)")
SIGNS = {"CRDT": 1, "DBIT": -1}
CODE, FAMILY = "BkTxCd/Prtry/Cd", "BkTxCd/Domn/Fmly"
TEXTS = ("RmtInf/Ustrd", "RmtInf/Strd/RfrdDocInf/Nb", "RmtInf/Strd/AddtlRmtInf", "AddtlTxInf")


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
    own_reference: str
    codes: tuple[str, ...]
    returned: bool


NOTHING_KNOWN = Details(None, None, 0, None, "", "", "", (), "", "", "", "", (), returned=False)


@dataclass(frozen=True)
class Entry:
    """What an entry says of all its transactions. `cents` is signed as the account sees it."""

    cents: int
    currency: str
    booked_on: dt.date
    value_date: dt.date
    reference: str
    text: str
    codes: tuple[str, ...]
    returned: bool
    reversal: bool
    booked: bool


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
        lines=tuple(_list_texts(element)),
        payer_name=text_at(element, "RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Nm", "RltdPties/UltmtDbtr/Nm"),
        payer_iban=text_at(element, "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id"),
        return_code=text_at(element, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"),
        own_reference=_find_own(element),
        codes=tuple(bank_code.findall(text_at(element, CODE))),
        returned=is_returned(element),
    )


def _list_texts(element: Element) -> Iterator[str]:
    """All a bank may say in words: not every one puts them where they belong."""
    for names in TEXTS:
        for found in element.findall(_path(names)):
            yield " ".join((found.text or "").split())


def _find_own(element: Element) -> str:
    """The number that German online banking gives each booking (`FI-UMSATZ-ID`), where there is no other."""
    for found in element.findall(_path("Refs/Prtry")):
        if text_at(found, "Tp") == "FI-UMSATZ-ID":
            return text_at(found, "Ref")
    return ""


def is_returned(element: Element) -> bool:
    """Whether the bank's codes of an `Ntry` or `TxDtls` call it an item that came back."""
    family = f"{text_at(element, f'{FAMILY}/Cd')}/{text_at(element, f'{FAMILY}/SubFmlyCd')}"
    return family in RETURNED_FAMILY or text_at(element, CODE).startswith(RETURNED_TYPE)


def _sum_charges(element: Element) -> int:
    """What the bank charged for the transaction: in one sum, or record by record."""
    if total := amount_at(element, "Chrgs/TtlChrgsAndTaxAmt"):
        return total.cents
    places = ("Chrgs/Rcrd/Amt", "Chrgs/Amt")
    return sum(parse_cents(found.text or "") for place in places for found in element.findall(_path(place)))


def read_entry(element: Element, timezone: dt.tzinfo) -> Entry:
    """One `Ntry` without its transactions. EntryError names what cannot be read."""
    amount, sign = amount_at(element, "Amt"), sign_at(element)
    if amount is None:
        raise EntryError("bad_amount")
    booked_on = read_day(element, "BookgDt", timezone) or read_day(element, "ValDt", timezone)
    if booked_on is None:
        raise EntryError("bad_date")
    return Entry(
        cents=sign * amount.cents,
        currency=amount.currency,
        booked_on=booked_on,
        value_date=read_day(element, "ValDt", timezone) or booked_on,
        reference=text_at(element, "AcctSvcrRef"),
        text=text_at(element, "AddtlNtryInf"),
        codes=tuple(bank_code.findall(text_at(element, CODE))),
        returned=is_returned(element),
        reversal=text_at(element, "RvslInd") in ("true", "1"),
        booked=text_at(element, "Sts/Cd", "Sts") == "BOOK",
    )


def read_day(element: Element, name: str, timezone: dt.tzinfo) -> dt.date | None:
    """A day, or the local day of a moment."""
    text = text_at(element, f"{name}/Dt", f"{name}/DtTm")
    try:
        if len(text) <= len("2026-11-20"):
            return dt.date.fromisoformat(text) if text else None
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise EntryError("bad_date", text) from error
    return moment.astimezone(timezone).date() if moment.tzinfo else moment.date()
