"""Payments as a bank statement gives them, and the statement they must add up in. Cents, local dates.

What makes an entry the same one in another file:

* its reference, when the bank gives one of its own (`AcctSvcrRef`, `FI-UMSATZ-ID`, what stands behind `//` in `:61:`),
  with account, amount and booking day: then the same booking is one in camt.053 version 2, version 8 and MT940;
* else its fingerprint: all that the entry says, and its number among entries of that day that say the same. So exports
  that overlap by whole days neither double nor lose anything. Where one begins inside a day the numbers say nothing:
  `day_opening`, what the account held when the day began, differs then, and a person is asked.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from dunning.rules.terms import LeftOut

LONGEST_TEXT = 2_000
LONGEST_NAME = 140
# what banks write in place of a reference, or a mere position on the page
NO_REFERENCE = re.compile(r"|NONREF|NOTPROVIDED|NOTAVAILABLE|POS\s*\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankEntry:
    """One payment; `amount_cents` is negative for a returned debit, without what the bank charges for it.

    `reference` is all text that can name an order: the structured reference, the remittance lines, the end-to-end ID,
    one a line. `row` counts the entries of the file, from 1. `left_out`: why it is no payment of a buyer.
    """

    amount_cents: int
    # what the account was credited or debited with
    moved_cents: int
    currency: str
    value_date: dt.date
    booked_on: dt.date
    reference: str
    payer_name: str = ""
    payer_iban: str = ""
    return_code: str = ""
    return_fee_cents: int = 0
    structured: str = ""
    end_to_end: str = ""
    left_out: LeftOut | None = None
    row: int = 0
    # by the bank's reference, or the fingerprint; `former`: by which it was known when positions counted
    identity: str = ""
    fingerprint: str = ""
    former: str = ""
    day_opening: int | None = None
    order_id: None = None
    rate_number: None = None
    transaction_id: None = None


def join_reference(structured: str, lines: Iterable[str], end_to_end: str) -> str:
    """All texts that can name an order, each once, one a line."""
    end = "" if NO_REFERENCE.fullmatch(end_to_end) else end_to_end
    texts = dict.fromkeys(text for text in (structured, *lines, end) if text)
    return "\n".join(texts)[:LONGEST_TEXT]


def write_cents(cents: int) -> str:
    """`-1234.50`, as bank files write amounts."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
