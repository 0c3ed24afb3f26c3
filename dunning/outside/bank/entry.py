"""Payments as a bank statement gives them, and the statement they must add up in. Cents, local dates.

What makes an entry the same one in another file: account, the bank's own reference, amount, booking date and, for
equal ones within a statement, their order. So the same statement twice is the same payments, two equal payments on
one day stay two, and the same booking is one in camt.053 version 2, version 8 and MT940 as long as the bank gives it
the same reference there. A bank that gives none is counted by statement and position: then only the same statement in
the same format is recognised.
"""

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dunning.outside.bank.problem import BankProblem

LONGEST_TEXT = 2_000
LONGEST_NAME = 140
# what banks write in place of a reference, or a mere position on the page
NO_REFERENCE = re.compile(r"|NONREF|NOTPROVIDED|NOTAVAILABLE|POS\s*\d+", re.IGNORECASE)

# German transaction codes (GVC): returned direct debits, and a transfer of ours that came back
RETURNED_DEBIT = ("108", "109")
OUR_MONEY_BACK = ("159",)

# why an entry of a statement is no payment of a buyer
OUTGOING = "our own outgoing money"
DEBIT_REVERSED = "a debit of ours taken back"
NOT_BOOKED = "not booked yet"
NOTHING = "no amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankEntry:
    """One payment; `amount_cents` is negative for a returned debit, without what the bank charges for it.

    `reference` is all text that can name an order: the structured reference, the remittance lines, the end-to-end ID,
    one a line. `row` counts the payments of the file, from 1.
    """

    row: int
    amount_cents: int
    currency: str
    value_date: dt.date
    identity: str
    reference: str
    payer_name: str = ""
    payer_iban: str = ""
    return_code: str = ""
    return_fee_cents: int = 0
    structured: str = ""
    end_to_end: str = ""
    order_id: None = None
    rate_number: None = None
    transaction_id: None = None


def join_reference(structured: str, lines: Iterable[str], end_to_end: str) -> str:
    """All texts that can name an order, each once, one a line."""
    end = "" if NO_REFERENCE.fullmatch(end_to_end) else end_to_end
    texts = dict.fromkeys(text for text in (structured, *lines, end) if text)
    return "\n".join(texts)[:LONGEST_TEXT]


@dataclass
class Statement:
    """One statement of an account, as far as it has been read. Balances and `total` in cents of its currency."""

    name: str = ""
    account: str = ""
    opening: int | None = None
    closing: int | None = None
    total: int = 0
    entries: int = 0
    broken: bool = False  # an entry could not be read: the sum says nothing
    _equal: Counter[int] = field(default_factory=Counter)

    def identify(self, reference: str, cents: int, booked_on: dt.date) -> str:
        """The identity of a payment of the present entry, by the bank's reference when there is one."""
        known = not NO_REFERENCE.fullmatch(reference.strip())
        key = reference.strip() if known else f"{self.name}/{self.entries}"
        content = [self.account, key, cents, booked_on.isoformat()]
        # remembered as a number: a statement of a hundred thousand entries stays small
        remembered = hash(tuple(content))
        self._equal[remembered] += 1
        digest = hashlib.sha256(json.dumps([*content, self._equal[remembered]]).encode()).hexdigest()
        return f"bank:{digest}"

    def check(self) -> BankProblem | None:
        """What is wrong with the statement as a whole; nothing when its entries add up."""
        if not self.account:
            return BankProblem("no_account", statement=self.name)
        if self.broken:
            return None
        if self.opening is None or self.closing is None:
            return BankProblem("no_balances", statement=self.name)
        reached = self.opening + self.total
        if reached == self.closing:
            return None
        found, wanted = write_cents(reached), write_cents(self.closing)
        return BankProblem("wrong_balance", value=found, hint=wanted, statement=self.name)


def write_cents(cents: int) -> str:
    """`-1234.50`, as bank files write amounts."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
