"""Instant payment notifications: is it really from the platform, and what does it say. Names are the contract's."""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from dunning.outside.platform.ipn_values import (
    Written,
    computed_count,
    find_address,
    read_cents,
    read_country,
    read_instant,
    read_lines,
    short_text,
    write_number,
    write_value,
)
from dunning.outside.platform.order_csv import MAX_RATES, PAYMENT_METHODS, PAYMENT_PLANS
from dunning.outside.signed import BodyProblem, check_signature
from dunning.outside.tables.cells import (
    CellError,
    choice_reader,
    identifier_reader,
    letters_reader,
    number_reader,
    read_flag,
    text_reader,
)
from dunning.outside.tables.problem import Problem, show_value
from dunning.rules.orders.events import MONEY_BACK, SALES, OrderEvent

Value = TypeVar("Value")
SIGNATURE = "X-Copecart-Signature"
MOST_BYTES = 1024 * 1024

_text, _order_id, _rates = short_text(), identifier_reader(64), number_reader(MAX_RATES)
_event_type, _transaction_id = identifier_reader(64), text_reader(128)
# of each group the first that was sent
ORDER_DATE = ("order_date", "order_time")
HAPPENED_AT = ("transaction_processed_at", "transaction_date")
VALUE_DATE = ("transaction_date", "transaction_processed_at")
AMOUNT = ("transaction_amount",)
ANNOUNCED_AMOUNT = ("transaction_amount", "next_payments")
PER_PRODUCT = "transaction_amount_per_product"
# an event with one of these that nobody can read is kept for a person
MONEY_HANGS_ON = ("rate_number", "payment_method", "transaction_currency", *ANNOUNCED_AMOUNT)
# column of the order or its buyer -> name in the event, reader
FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "payment_method": ("payment_method", choice_reader(PAYMENT_METHODS)),
    "payment_plan": ("payment_plan", choice_reader(PAYMENT_PLANS)),
    "rates": ("total_number_of_payments", lambda text: _read_count(text)),
    "currency": ("transaction_currency", letters_reader(3, "bad_currency")),
    "product_id": ("product_id", _text),
    "product_name": ("product_name", _text),
    "test_payment": ("test_payment", read_flag),
    "buyer_id": ("buyer_id", _text),
    "first_name": ("buyer_firstname", _text),
    "last_name": ("buyer_lastname", _text),
    "company": ("buyer_company_name", _text),
    "email": ("buyer_email", _text),
    "phone": ("buyer_phone_number", _text),
    "street": ("buyer_street", _text),
    "house_number": ("buyer_house_number", _text),
    "details": ("buyer_address_details", _text),
    "zipcode": ("buyer_zipcode", _text),
    "city": ("buyer_city", _text),
    "country": ("buyer_country_code", read_country),
}


def read_event(
    body: bytes, signature: str, secret: str | None, received_at: dt.datetime, timezone: ZoneInfo
) -> OrderEvent:
    """The event of a signed body. Raises NotSigned, also without a secret, and BodyProblem when it is no event."""
    check_signature(body, signature, [secret], write_base64)
    return parse_event(body, received_at, timezone)


def write_base64(digest: bytes) -> str:
    """A digest as the platform writes it."""
    return base64.b64encode(digest).decode()


def parse_event(body: bytes, received_at: dt.datetime, timezone: ZoneInfo) -> OrderEvent:
    """The event of a raw body. Raises BodyProblem when it is not JSON, or a required field is missing or unreadable."""
    return _Reading(load_body(body), body, timezone).event(received_at)


def load_body(body: bytes) -> dict[str, Any]:
    """The JSON object; decimals stay as they were written, so that no cent gets lost in a float."""
    try:
        loaded = json.loads(body.decode(), parse_float=Written, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise BodyProblem(f"not JSON: {type(error).__name__}") from None
    if not isinstance(loaded, dict):
        raise BodyProblem("not a JSON object")
    return loaded


class _Reading:
    """One body, read field by field. What is odd costs nothing but itself; what money hangs on makes all unclear."""

    def __init__(self, values: Mapping[str, Any], body: bytes, timezone: ZoneInfo) -> None:
        self.values, self.body, self.timezone = values, body, timezone
        self.odd: list[str] = []
        self.unclear: list[str] = []

    def event(self, received_at: dt.datetime) -> OrderEvent:
        event_type = self.require(("event_type",), _event_type).lower()
        transaction_id = self.read(("transaction_id",), _transaction_id)
        happened_on = self.read(VALUE_DATE, self.read_day)
        digest = hashlib.sha256(self.body).hexdigest()
        event = OrderEvent(
            key=digest,
            event_type=event_type,
            order_id=self.require(("order_id",), _order_id),
            identity=f"event:{digest}",
            value_date=happened_on or received_at.astimezone(self.timezone).date(),
            transaction_id=transaction_id or "",
            happened_at=self.read(HAPPENED_AT, self.read_moment),
            amount_cents=self.read_amount(event_type),
            rate_number=self.read(("rate_number",), _read_count),
            order_date=self.read_order_date(event_type),
            due_date=self.read(("due_date",), self.read_day),
            next_payment_at=self.read(("next_payment_at",), self.read_day),
            cancelled_for=self.read(("is_cancelled_for",), self.read_day),
            payment_status=self.read_status(),
            fields=self.read_fields(event_type),
        )
        event = replace(event, lines=self.read_lines(event.product))
        return replace(event, odd=tuple(dict.fromkeys(self.odd)), unclear=tuple(dict.fromkeys(self.unclear)))

    def read_amount(self, event_type: str) -> int | None:
        """Cents; sales and what takes them back cannot do without."""
        if event_type in SALES or event_type in MONEY_BACK:
            return self.require(AMOUNT, read_cents)
        return self.read(ANNOUNCED_AMOUNT, read_cents)

    def read_order_date(self, event_type: str) -> dt.date | None:
        """A sale needs one, or the day of its transaction."""
        if event_type in SALES:
            self.require((*ORDER_DATE, *VALUE_DATE), self.read_day)
        return self.read(ORDER_DATE, self.read_day)

    def read_status(self) -> str:
        """In small letters. What is no word says something too, nobody knows what."""
        status = self.read(("payment_status",), _text) or show_value(
            str(self.values.get("payment_status") or "")
        )
        return "_".join(status.lower().replace("-", " ").split())

    def read_fields(self, event_type: str) -> dict[str, Any]:
        """What the event tells of the order and its buyer."""
        fields = {column: self.read((name,), reader) for column, (name, reader) in FIELDS.items()}
        told = {column: value for column, value in fields.items() if value is not None}
        told |= self.attempt("buyer_address", lambda: find_address(self.values)) or {}
        if not told.get("country") and (country := self.read(("buyer_country",), read_country)):
            told["country"] = country
        if event_type in SALES and self.text("payment_method") is None:
            raise BodyProblem("payment_method: a value is required")
        return told

    def read_lines(self, product: str) -> tuple[tuple[str, int], ...]:
        """The amounts of single products, where the event names them."""
        lines = self.attempt(PER_PRODUCT, lambda: read_lines(self.values.get(PER_PRODUCT), product))
        return tuple(lines.items()) if lines else ()

    def read(self, names: tuple[str, ...], reader: Callable[[str], Value]) -> Value | None:
        """The first of the fields that was sent and can be read; None when there is none."""
        for name in names:
            text = self.text(name)
            value = None if text is None else self.attempt(name, lambda: reader(text))  # noqa: B023 - called at once
            if value is not None:
                return value
        return None

    def require(self, names: tuple[str, ...], reader: Callable[[str], Value]) -> Value:
        value = self.read(names, reader)
        if value is None:
            said = [line for line in (*self.unclear, *self.odd) if line.partition(":")[0] in names]
            raise BodyProblem(said[0] if said else f"{' or '.join(names)}: a value is required")
        return value

    def text(self, name: str) -> str | None:
        return self.attempt(name, lambda: write_value(self.values.get(name)))

    def attempt(self, name: str, read: Callable[[], Value]) -> Value | None:
        """Runs a reader; what it refuses is noted with the field's name."""
        try:
            return read()
        except CellError as error:
            shown = show_value(str(self.values.get(name)))
            said = f"{name}: {Problem(error.code, value=shown, hint=error.hint).message}"
            (self.unclear if name in MONEY_HANGS_ON else self.odd).append(said)
            return None

    def read_moment(self, text: str) -> dt.datetime:
        return read_instant(text, self.timezone)

    def read_day(self, text: str) -> dt.date:
        return read_instant(text, self.timezone).astimezone(self.timezone).date()


def _read_count(text: str) -> int | None:
    """A number from 1; systems that count nothing send 0."""
    if computed_count.fullmatch(text):
        text = write_number(text)
    return None if text == "0" else _rates(text)
