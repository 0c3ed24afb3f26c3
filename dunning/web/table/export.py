"""The case table as CSV: the same query without pages, streamed, safe to open in a spreadsheet."""

import datetime as dt
from collections.abc import Iterator

from defusedcsv import csv
from flask import Response, current_app, stream_with_context

from dunning.records import db
from dunning.records.queries.cases.filter import CaseFilter
from dunning.records.queries.cases.table import CaseRow, iterate_rows
from dunning.rules.cents import format_number
from dunning.web.words.labels import label_status

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
STAFF_HEADER = ("vendor_id", "vendor_name")
HEADER = (
    "case_id",
    "order_id",
    "rate",
    "rates",
    "first_name",
    "last_name",
    "company",
    "status",
    "status_label",
    "opened",
    "due_date",
    "days_overdue",
    "outstanding",
    "order_amount",
    "paid",
    "cancellation_costs",
    "scheme",
    "currency",
)
FLUSH_AT = 64 * 1024  # characters sent at once


class Outlet:
    """What the CSV writer writes to: lines wait here until they are sent."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.size = 0

    def write(self, line: str) -> None:
        self.lines.append(line)
        self.size += len(line)

    def empty(self) -> str:
        """All that waits, which then waits no more."""
        text = "".join(self.lines)
        self.lines, self.size = [], 0
        return text


def answer_csv(wanted: CaseFilter, vendor_id: int | None, today: dt.date) -> Response:
    """A download; `vendor_id` None is all vendors', whose names come first on each line."""
    lines = stream_with_context(write_csv(wanted, vendor_id, today))
    answer = current_app.response_class(lines, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=cases-{today.isoformat()}.csv"
    return answer


def write_csv(wanted: CaseFilter, vendor_id: int | None, today: dt.date) -> Iterator[str]:
    """The file in pieces; memory does not grow with it."""
    staff, outlet = vendor_id is None, Outlet()
    writer = csv.writer(outlet, delimiter=";", lineterminator="\r\n")
    outlet.write(BYTE_ORDER_MARK)
    writer.writerow((*STAFF_HEADER, *HEADER) if staff else HEADER)
    for row in iterate_rows(db.session(), wanted, vendor_id, today):
        writer.writerow(list_cells(row, today, staff=staff))
        if outlet.size > FLUSH_AT:
            yield outlet.empty()
    yield outlet.empty()


def list_cells(row: CaseRow, today: dt.date, *, staff: bool = False) -> list[object]:
    """One line: amounts with a decimal comma, ISO dates, the status as key and in words."""
    days = row.days_overdue(today)
    cells: list[object] = [row.vendor_id, row.vendor_name] if staff else []
    cells += [row.id, row.order_id, row.rate, row.rates]
    # a tab in front would hide a formula's first character from the writer
    cells += [name.strip() for name in (row.first_name, row.last_name, row.company)]
    cells += [row.status, label_status(row.status, staff=staff), row.opened_on.isoformat()]
    cells += [row.due_date.isoformat() if row.due_date else "", "" if days is None else days]
    amounts = (row.outstanding, row.order_amount, row.paid, row.cancellation)
    return [*cells, *map(format_number, amounts), row.scheme, row.currency]
