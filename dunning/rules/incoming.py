"""A payment as a file or an event gives it. Cents (negative: money back), local value date."""

import datetime as dt
import hashlib
import json
from typing import Protocol

from dunning.rules.terms import LeftOut


class IncomingPayment(Protocol):
    """What is recorded of a payment. `identity`, `fingerprint`, `former` and `day_opening` tell it apart: see
    outside/bank/entry.py.
    """

    @property
    def order_id(self) -> str | None: ...
    @property
    def rate_number(self) -> int | None: ...
    @property
    def amount_cents(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def value_date(self) -> dt.date: ...
    @property
    def transaction_id(self) -> str | None: ...
    @property
    def reference(self) -> str: ...
    @property
    def identity(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def former(self) -> str: ...
    @property
    def day_opening(self) -> int | None: ...
    @property
    def left_out(self) -> LeftOut | None: ...
    @property
    def payer_name(self) -> str: ...
    @property
    def payer_iban(self) -> str: ...
    @property
    def return_code(self) -> str: ...
    @property
    def return_fee_cents(self) -> int: ...


class OfPlatform:
    """What only a bank says of a payment, where the platform tells of it: nothing."""

    __slots__ = ()
    fingerprint: str = ""
    former: str = ""
    day_opening: int | None = None
    left_out: LeftOut | None = None
    payer_name: str = ""
    payer_iban: str = ""
    return_code: str = ""
    return_fee_cents: int = 0


def name_transaction(transaction_id: str, order_id: str | None, cents: int, product_id: str = "") -> str:
    """The identity of a payment that has a transaction ID: with another order, amount or sign it is another payment.

    Files do not say the product; where an event does, it stands behind what both say.
    """
    said = json.dumps([transaction_id, order_id or "", cents])
    product = hashlib.sha256(product_id.encode()).hexdigest()[:16] if product_id else ""
    return f"transaction/{hashlib.sha256(said.encode()).hexdigest()}/{product}"


def name_former(transaction_id: str) -> str:
    """By which it was known when the ID alone counted."""
    return f"transaction:{transaction_id}"
