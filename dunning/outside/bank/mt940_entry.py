"""One entry of an MT940 statement: the `:61:` field, put together with its text to a payment."""

import datetime as dt
import re
from calendar import monthrange
from dataclasses import dataclass

from stdnum import iban

from dunning.outside.bank.entry import LONGEST_NAME, NO_REFERENCE, BankEntry, join_reference
from dunning.outside.bank.meaning import RETURNED_TYPE, Marks, find_fee, judge_entry
from dunning.outside.bank.mt940_text import Remittance, read_text
from dunning.outside.bank.problem import BankProblem
from dunning.outside.tables.problem import show_value
from dunning.rules.money.matching import NO_AMOUNT, UNREADABLE
from dunning.rules.money.reference import is_reference
from dunning.rules.terms import LeftOut

entry_field = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4}|\s{4})?(?P<mark>R?[CD])[A-Z]?\s?(?P<whole>\d{1,13}),(?P<cents>\d{0,2})\s*"
    r"(?P<type>[A-Z][A-Z0-9]{3})(?P<customer>[^\n]*?)(?://(?P<bank>[^\n]*))?(?:\n(?P<rest>.*))?",
    re.DOTALL,
)
text_tag = re.compile(r":?86\s?:\s*")
part_amount = re.compile(r"/(OCMT|CHGS)/([A-Z]{3})(\d{1,13}),(\d{0,2})")
word_amount = re.compile(r"(?:[A-Z]{3})?(\d{1,13})(?:[,.](\d{1,2}))?(?:[A-Z]{3})?")
german_account = re.compile(r"(\d{8})/(\d{1,10})(?:[A-Z]{3})?")


@dataclass(frozen=True)
class Line:
    """A field of the file: the number of its first line, its tag and its lines without the tag."""

    row: int
    tag: str
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def refuse(self, code: str = "bad_field") -> BankProblem:
        return BankProblem(code, self.row, value=show_value(self.text), hint=f":{self.tag}:")


@dataclass(frozen=True)
class Booked:
    """A `:61:` field. `cents` is signed as the account sees it; `original` and `charges` are those of a return."""

    cents: int
    mark: str
    kind: str
    value_date: dt.date
    booked_on: dt.date
    customer: str
    bank: str
    rest: tuple[str, ...]
    original: int
    charges: int


def make_payment(booked: Booked, text: Remittance, currency: str) -> BankEntry:
    """The payment of an entry with its text."""
    end_to_end = text.words.get("EREF", "")
    structured = next((line for line in text.lines if is_reference(line.replace(" ", ""))), "")
    customer = "" if NO_REFERENCE.fullmatch(booked.customer) else booked.customer
    left_out = _judge(booked, text)
    fee = _find_fee(booked, text) if booked.cents < 0 and not left_out else 0
    return BankEntry(
        amount_cents=booked.cents + fee,
        moved_cents=booked.cents,
        currency=currency,
        value_date=booked.value_date,
        booked_on=booked.booked_on,
        reference=join_reference("", (*text.lines, customer), end_to_end),
        payer_name=(text.payer_name or text.words.get("ABWA", ""))[:LONGEST_NAME],
        payer_iban=text.payer_account,
        return_code=text.return_code if booked.cents < 0 else "",
        return_fee_cents=fee,
        structured=structured,
        end_to_end=end_to_end,
        left_out=left_out,
    )


def _judge(booked: Booked, text: Remittance) -> LeftOut | None:
    if not booked.cents:
        return NO_AMOUNT
    marks = Marks((text.code,), booked.kind == RETURNED_TYPE, booked.mark.startswith("R"))
    return judge_entry(booked.cents, marks)


def _find_fee(booked: Booked, text: Remittance) -> int:
    original = booked.original or read_word(text.words.get("OAMT", ""))
    charges = booked.charges or read_word(text.words.get("COAM", ""))
    return find_fee(-booked.cents, original, charges, "\n".join(text.lines))


def park_entry(line: Line, text: list[str], day: dt.date, currency: str) -> BankEntry:
    """A `:61:` that cannot be read, for a person, with all it says."""
    problem = line.refuse()
    return BankEntry(
        amount_cents=0,
        moved_cents=0,
        currency=currency,
        value_date=day,
        booked_on=day,
        reference=join_reference("", (str(problem), *line.lines, *text), ""),
        left_out=UNREADABLE,
    )


def read_booked(line: Line) -> Booked | None:
    """A `:61:` field; None when it cannot be read. Some banks break its first line anywhere."""
    text = line.text.strip()
    found = entry_field.fullmatch(text) or entry_field.fullmatch(text.replace("\n", "", 1))
    value_date = read_day(found["value"]) if found else None
    if found is None or value_date is None:
        return None
    sign = 1 if found["mark"] in ("C", "RD") else -1
    parts = {name: make_cents(whole, cents) for name, _, whole, cents in part_amount.findall(line.text)}
    return Booked(
        cents=sign * make_cents(found["whole"], found["cents"]),
        mark=found["mark"],
        kind=found["type"],
        value_date=value_date,
        booked_on=find_booking_day(found["entry"], value_date),
        customer=found["customer"].strip(),
        bank=(found["bank"] or "").strip(),
        rest=tuple((found["rest"] or "").splitlines()),
        original=parts.get("OCMT", 0),
        charges=parts.get("CHGS", 0),
    )


def read_rest(booked: Booked) -> Remittance:
    """What stands behind the entry when no `:86:` could be recognised: the text, or a line with a broken tag."""
    lines = [text_tag.sub("", line, count=1) for line in booked.rest]
    return read_text([line for line in lines if not part_amount.match(line)])


def find_booking_day(text: str | None, value_date: dt.date) -> dt.date:
    """The entry date has no year: it is the one nearest to the value date."""
    years = (value_date.year - 1, value_date.year, value_date.year + 1)
    days = [day for year in years if text and (day := read_day(f"{year % 100:02d}{text}"))]
    return min(days, key=lambda day: abs(day - value_date), default=value_date)


def read_day(text: str) -> dt.date | None:
    """`261120` -> 20 November 2026; None for what is no day. Banks that reckon 30 days a month have a 30 February."""
    if not text.isdigit():
        return None
    year, month, day = 2000 + int(text[:2]), int(text[2:4]), int(text[4:6])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return dt.date(year, month, min(day, monthrange(year, month)[1]))


def read_word(text: str) -> int:
    """Cents of a keyword's amount (`110,00`); 0 for none."""
    found = word_amount.fullmatch(text.strip())
    return make_cents(found[1], found[2] or "") if found else 0


def make_cents(whole: str, cents: str) -> int:
    return int(whole) * 100 + int(cents.ljust(2, "0") or "0")


def read_account(text: str) -> str:
    """The IBAN; a German bank code and account number are written as one, so that both formats name the same."""
    compact = "".join(text.split()).upper()
    parts = german_account.fullmatch(compact)
    if parts is None:
        return compact
    digits = f"{parts[1]}{parts[2].zfill(10)}"
    return f"DE{iban.calc_check_digits(f'DE00{digits}')}{digits}"
