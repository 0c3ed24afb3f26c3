"""The orders a case table can be sorted in: an allow-list, each with ties broken by the case's id."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Date, UnaryExpression, case, literal

from dunning.records.cases import Case
from dunning.records.orders import Buyer, Order, Receivable
from dunning.rules.statuses import STORED, TERMINAL

# an ended case is not overdue any more: it sorts as if it became due in the far future
_NEVER = literal(dt.date.max, Date)
OVERDUE_SINCE: ColumnElement[dt.date] = case(
    (Case.status.in_(sorted(TERMINAL)), _NEVER),
    (Receivable.due_date.is_(None), _NEVER),
    (Receivable.failed_on > Receivable.due_date, Receivable.failed_on),
    else_=Receivable.due_date,
)
_STATUS_RANK = case({status: rank for rank, status in enumerate(STORED)}, value=Case.status)

SORTS: dict[str, ColumnElement[Any]] = {
    "overdue": OVERDUE_SINCE,
    "outstanding": Case.outstanding_cents.expression,
    "order_amount": Order.amount_cents.expression,
    "paid": Order.paid_cents.expression,
    "buyer": Buyer.search_text.expression,
    "order_id": Order.order_id.expression,
    "status": _STATUS_RANK,
    "opened": Case.opened_on.expression,
}
# many days overdue = since an early day
_TURNED = ("overdue",)


def is_sort(sort: str) -> bool:
    """Whether the table can be sorted so; `-` before the key means descending."""
    return sort.removeprefix("-") in SORTS


def order_columns(sort: str) -> tuple[UnaryExpression[Any], UnaryExpression[Any]]:
    """The order as columns for ORDER BY, the last one unique."""
    key = sort.removeprefix("-")
    descending = sort.startswith("-") != (key in _TURNED)
    column = SORTS[key]
    return column.desc() if descending else column.asc(), Case.id.asc()
