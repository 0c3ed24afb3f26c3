"""A payment as a file or an event gives it. Cents (negative: money back), local value date."""

import datetime as dt
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
