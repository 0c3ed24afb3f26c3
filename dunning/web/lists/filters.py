"""The query string of a case table and the filter it means: read, checked and written in one place.

What cannot be understood raises BadFilter (400); names this page does not know are left to others.
"""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from dunning.records.queries.cases.filter import LARGEST_ID, PERIODS, CaseFilter
from dunning.records.queries.cases.sorts import is_sort
from dunning.rules.cents import AmountError, format_number, parse_amount
from dunning.rules.statuses import RUNNING, STORED
from dunning.rules.terms import CaseStatus
from dunning.web.request.texts import gettext as _

IN_PROGRESS = "in_progress"  # what the filter calls `running`
PAGE_SIZES = (25, 50, 100)
LONGEST_TEXT = 200
PLAIN = CaseFilter()

Value = TypeVar("Value")


class BadFilter(ValueError):
    """A parameter that cannot be understood; says which and why, in the reader's language."""


def parse_filter(args: MultiDict[str, str], *, staff: bool = False) -> CaseFilter:
    """The filter a query string asks for; empty values count as not given. Only `staff` choose a vendor."""
    period = _read_one(args, "period", _parse_period) or ""
    dated = "period" in args and args["period"] != ""
    wanted = CaseFilter(
        statuses=_read_statuses(args),
        period=period,
        opened_from=None if dated else _read_one(args, "from", dt.date.fromisoformat),
        opened_to=None if dated else _read_one(args, "to", dt.date.fromisoformat),
        amount_min=_read_one(args, "amount_min", parse_amount),
        amount_max=_read_one(args, "amount_max", parse_amount),
        text=_read_one(args, "q", _parse_text) or "",
        vendor=_read_one(args, "vendor", _parse_id) if staff else None,
        ended=_read_one(args, "ended", _parse_period) or "",
        sort=_read_one(args, "sort", _parse_sort) or PLAIN.sort,
        per=_read_one(args, "per", _parse_size) or PLAIN.per,
    )
    _check_bounds(wanted)
    return wanted


def _read_one(args: MultiDict[str, str], name: str, parse: Callable[[str], Value]) -> Value | None:
    values = args.getlist(name)
    if len(values) > 1:
        raise BadFilter(_("“%(name)s” is given more than once.", name=name))
    typed = values[0].strip() if values else ""
    if not typed:
        return None
    try:
        return parse(typed)
    except (AmountError, ValueError, KeyError) as error:
        text = _("“%(value)s” is no value for “%(name)s”.", value=typed[:40], name=name)
        raise BadFilter(text) from error


def _read_statuses(args: MultiDict[str, str]) -> tuple[CaseStatus, ...]:
    asked = [RUNNING if key == IN_PROGRESS else key for key in args.getlist("status") if key]
    for key in asked:
        if key not in STORED:
            raise BadFilter(_("“%(value)s” is no value for “%(name)s”.", value=key[:40], name="status"))
    return tuple(status for status in STORED if status in asked)


def _parse_period(key: str) -> str:
    if key == "all":
        return ""
    if key not in PERIODS:
        raise ValueError(key)
    return key


def _parse_text(typed: str) -> str:
    if len(typed) > LONGEST_TEXT or not typed.isprintable():
        raise ValueError(typed)
    return " ".join(typed.split())


def _parse_id(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed) <= LARGEST_ID):
        raise ValueError(typed)
    return int(typed)


def _parse_sort(sort: str) -> str:
    if not is_sort(sort):
        raise ValueError(sort)
    return sort


def _parse_size(per: str) -> int:
    return {str(size): size for size in PAGE_SIZES}[per]


def _check_bounds(wanted: CaseFilter) -> None:
    if wanted.opened_from and wanted.opened_to and wanted.opened_from > wanted.opened_to:
        raise BadFilter(_("The period ends before it begins."))
    least, most = wanted.amount_min, wanted.amount_max
    if least is not None and most is not None and least > most:
        raise BadFilter(_("The smallest amount is larger than the largest."))


def write_filter(wanted: CaseFilter, *pairs: tuple[str, object]) -> str:
    """The query string of a filter, `?` included; defaults are left out.

    `pairs` are parameters besides the filter: the place of a page, the row that is open.
    """
    query = [*list_parameters(wanted), *((name, str(value)) for name, value in pairs)]
    return f"?{urlencode(query)}" if query else ""


def list_parameters(wanted: CaseFilter) -> list[tuple[str, str]]:
    """The filter as parameters, sort and page size among them."""
    statuses = [("status", IN_PROGRESS if status == RUNNING else status) for status in wanted.statuses]
    single = {
        "period": wanted.period,
        "from": wanted.opened_from.isoformat() if wanted.opened_from else "",
        "to": wanted.opened_to.isoformat() if wanted.opened_to else "",
        "amount_min": write_amount(wanted.amount_min),
        "amount_max": write_amount(wanted.amount_max),
        "q": wanted.text,
        "vendor": str(wanted.vendor or ""),
        "ended": wanted.ended,
        "sort": wanted.sort if wanted.sort != PLAIN.sort else "",
        "per": str(wanted.per) if wanted.per != PLAIN.per else "",
    }
    return [*statuses, *((name, value) for name, value in single.items() if value)]


def write_amount(cents: int | None) -> str:
    """`1234,56` as it can be typed again; nothing for no bound."""
    return "" if cents is None else format_number(cents)


def clear_filter(wanted: CaseFilter) -> CaseFilter:
    """The same table with nothing left out; whose it is stays."""
    return CaseFilter(vendor=wanted.vendor, sort=wanted.sort, per=wanted.per)
