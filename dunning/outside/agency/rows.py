"""The tables of a day's ZIP for a collection agency without an API: `claims.csv` and `requests.csv`.

Written like every CSV of ours: `;`, UTF-8 with byte order mark, amounts `1234,56`, ISO dates, safe to open in a
spreadsheet.
"""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from defusedcsv import csv
from pydantic import TypeAdapter

from dunning.rules.cents import format_number
from dunning.rules.facts import BuyerFacts
from dunning.rules.partner.handover import CHARGE_KINDS, Handover
from dunning.rules.partner.payload import CURRENCY
from dunning.rules.terms import EntryKind

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
DEBTOR_FIELDS = ("company", "first_name", "last_name", "street", "house_number", "details", "zipcode", "city")
CHARGES: dict[EntryKind, str] = {kind: kind for kind in CHARGE_KINDS} | {"fee": "reminder_fee"}
DATES = ("order_date", "due_date", "reminder_date", "delay_date")
CLAIM_COLUMNS = (
    *(
        "reference",
        "previous_reference",
        "order_id",
        "acting_as",
        *DEBTOR_FIELDS,
        "country",
        "email",
        "phone",
    ),
    *(
        "product",
        "vendor",
        *DATES,
        "principal",
        *CHARGES.values(),
        "paid",
        "total",
        "currency",
        "disputed",
        "scheme",
    ),
    "letters",
)
REQUEST_COLUMNS = ("key", "kind", "reference", "mandate", "amount", "value_date", "until", "text")


@dataclass(frozen=True, kw_only=True)
class PartnerRequest:
    """One line of `requests.csv`: what the partner is told about a claim it has.

    `key` is ours and the same however often it is written. `cents` is a payment that reached us, or what else lowers
    the claim; negative when it was taken back, or raises it. `until` is the last day of a hold.
    """

    key: str
    kind: str
    reference: str
    mandate: str = ""
    cents: int | None = None
    value_date: dt.date | None = None
    until: dt.date | None = None
    text: str = ""


_requests = TypeAdapter(PartnerRequest)


def freeze_request(request: PartnerRequest) -> bytes:
    """As JSON, to wait for the day's ZIP."""
    return _requests.dump_json(request)


def thaw_request(frozen: bytes) -> PartnerRequest:
    """What `freeze_request` froze; ValueError when it is none."""
    return _requests.validate_json(frozen)


def write_requests(requests: Iterable[PartnerRequest]) -> bytes:
    """The whole of `requests.csv`."""
    return write_table(REQUEST_COLUMNS, map(list_request_cells, requests))


def list_request_cells(request: PartnerRequest) -> list[object]:
    """One line, in the order of the columns."""
    amount = "" if request.cents is None else format_number(request.cents)
    days = (write_date(request.value_date), write_date(request.until))
    return [request.key, request.kind, request.reference, request.mandate, amount, *days, request.text]


def write_claims(claims: Iterable[tuple[Handover, Sequence[str]]]) -> bytes:
    """The whole of `claims.csv`: each claim with the names of its letters in the ZIP."""
    rows = (claim_row(handover, letters) for handover, letters in claims)
    return write_table(CLAIM_COLUMNS, ([row[column] for column in CLAIM_COLUMNS] for row in rows))


def claim_row(handover: Handover, letters: Sequence[str]) -> dict[str, object]:
    """One claim: column -> cell."""
    charged = {charge.kind: charge.cents for charge in handover.charges}
    return {
        "reference": handover.reference,
        "previous_reference": handover.previous_claim,
        "order_id": handover.order_id,
        **debtor_cells(handover.debtor),
        "product": handover.product_name,
        "vendor": handover.vendor_name,
        **{name: write_date(getattr(handover, name)) for name in DATES},
        "principal": format_number(handover.principal),
        **{column: format_number(charged.get(kind, 0)) for kind, column in CHARGES.items()},
        "paid": format_number(handover.paid),
        "total": format_number(handover.total),
        "currency": CURRENCY,
        "disputed": "yes" if handover.disputed else "no",
        "scheme": handover.scheme,
        "letters": " ".join(letters),
    }


def debtor_cells(debtor: BuyerFacts) -> dict[str, object]:
    """Who owes it and how to reach them; an address the mail server refused for good is left out."""
    return {
        "acting_as": "business" if debtor.business else "consumer",
        # a tab in front would hide a formula's first character from the writer
        **{name: getattr(debtor, name).strip() for name in DEBTOR_FIELDS},
        "country": debtor.country.strip().upper(),
        "email": "" if debtor.email_refused else debtor.email.strip(),
        "phone": debtor.phone.strip(),
    }


def write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One CSV file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def write_date(date: dt.date | None) -> str:
    """`2026-12-31`, empty without one."""
    return date.isoformat() if date else ""
