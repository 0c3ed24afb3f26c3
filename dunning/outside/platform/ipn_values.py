"""One value of an IPN's JSON to one typed value. Texts, numbers and flags arrive as text and raise CellError."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dunning.outside.tables.cells import FIRST_YEAR, LAST_YEAR, MAX_CENTS, CellError, read_date, text_reader
from dunning.rules.cents import AmbiguousAmount, parse_amount

LINE_PRODUCT, LINE_AMOUNT = ("product_id", "id"), ("transaction_amount", "amount")
LONGEST_NUMBER, LONGEST_TEXT = 15, 255
CENT, NOISE = Decimal("0.01"), Decimal("0.000001")
DAY_LENGTH = len("2026-12-31")
FLAGS = {True: "true", False: "false"}
# whitespace is folded by the text readers; what is left of these would break a mail header or the database
control_sign = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Ruby leaves a blank before the offset
ruby_zone = re.compile(r"(:[0-9]{2}) ([-+][0-9]{2}:?[0-9]{2})$")
# decimals nobody writes by hand
computed_count = re.compile(r"[0-9]+\.0+|[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]{1,3}")
computed = re.compile(r"-?[0-9]+\.[0-9]{4,}|-?[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]{1,3}")
# "Am Beispielbach 4a", "Hauptstr. 12-14": the number, with what belongs to it, ends the line
street_line = re.compile(
    r"(?P<street>.*?\S)\s+(?P<number>[0-9]+\s?[a-zA-Z]?(\s?[-/+]\s?[0-9]+\s?[a-zA-Z]?)*)"
)


class Written(str):
    """A JSON number with decimals, as it was written: a float would lose cents."""

    __slots__ = ()


def write_number(text: str) -> str:
    """`99.989999999999995` and `9999e-2` -> `99.99`: how PHP and Ruby write a float. Others stay what they are."""
    exact = Decimal(text)
    if not exact.is_finite() or abs(exact.adjusted()) > LONGEST_NUMBER:
        return text
    cents = exact.quantize(CENT)
    return f"{(cents if abs(exact - cents) < NOISE else exact).normalize():f}"


def write_value(value: object) -> str | None:
    """A scalar of the JSON as trimmed text without control signs; None for null or blanks. CellError for a list or an
    object.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return FLAGS[value]
    if not isinstance(value, str | int):  # decimals have been left as their own text
        raise CellError("not_allowed", "a text, a number, true or false")
    if isinstance(value, Written):
        return write_number(value)
    return control_sign.sub("", str(value)).strip() or None


def short_text() -> Callable[[str], str]:
    """Reads free text and cuts what is too long: no payment is lost for a name."""
    read = text_reader()

    def read_short(text: str) -> str:
        return read(" ".join(text.split())[:LONGEST_TEXT].rstrip())

    return read_short


def read_cents(text: str) -> int:
    """An amount in cents, with its sign; it may be zero, and is at most ten million euros either way."""
    if computed.fullmatch(text):
        text = write_number(text)
    try:
        cents = parse_amount(text)
    except AmbiguousAmount:
        raise CellError("ambiguous_amount") from None
    except ValueError:
        raise CellError("bad_amount") from None
    if abs(cents) > MAX_CENTS:
        raise CellError("amount_too_large", f"{MAX_CENTS // 100:,}.00")
    return cents


def read_instant(text: str, timezone: ZoneInfo) -> dt.datetime:
    """A moment (UTC) from a day or a date with time; without a zone it is local, a day is its first moment."""
    if len(text) <= DAY_LENGTH:
        return dt.datetime.combine(read_date(text), dt.time(), timezone).astimezone(dt.UTC)
    try:
        moment = dt.datetime.fromisoformat(ruby_zone.sub(r"\1\2", text.replace(" UTC", "+00:00")))
        local = moment.replace(tzinfo=timezone) if moment.tzinfo is None else moment
        instant = local.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise CellError("bad_date") from None
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise CellError("date_range", f"{FIRST_YEAR} to {LAST_YEAR}")
    return instant


def read_country(text: str) -> str:
    """A code of two letters; anything else is no country we can know, which is no reason to lose the event."""
    return text.upper() if re.fullmatch("[A-Za-z]{2}", text) else ""


_text = short_text()


def split_street(line: str) -> dict[str, str]:
    """Street and house number of one line; a line that ends otherwise is all street."""
    found = street_line.fullmatch(_text(line))
    if found is None:
        return {"street": _text(line), "house_number": ""}
    return {"street": found["street"], "house_number": found["number"]}


def find_address(body: Mapping[str, Any]) -> dict[str, str]:
    """Street and house number out of `buyer_address`, when neither came by itself."""
    line = write_value(body.get("buyer_address"))
    if line is None or write_value(body.get("buyer_street")) or write_value(body.get("buyer_house_number")):
        return {}
    return split_street(line)


def read_lines(value: object, product: str) -> dict[str, int]:
    """Product -> cents, from `{"P1": 10}`, `[{"product_id": "P1", "amount": 10}]` or the amount of `product` alone."""
    if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], dict):
        value = value[0]
    if (
        isinstance(value, Mapping)
        and len(value) == 1
        and isinstance(inner := next(iter(value.values())), list)
    ):
        value = inner
    if isinstance(value, Mapping):
        return {write_value(name) or "": _read_line(amount) for name, amount in value.items()}
    if not isinstance(value, list):
        return {product: read_cents(text)} if (text := write_value(value)) else {}
    lines: dict[str, int] = {}
    for line in value:
        name = _first(line, LINE_PRODUCT)
        lines[name] = lines.get(name, 0) + _read_line(line)
    return lines


def _read_line(value: object) -> int:
    """Of one product: an amount, or an object that has one."""
    return read_cents((_first(value, LINE_AMOUNT) if isinstance(value, dict) else write_value(value)) or "")


def _first(line: object, names: tuple[str, ...]) -> str:
    """The first of the fields that the line has. CellError for a line that has none."""
    found = [write_value(line[name]) for name in names if line.get(name)] if isinstance(line, dict) else []
    if not found or not found[0]:
        raise CellError("not_allowed", " or ".join(names))
    return found[0]
