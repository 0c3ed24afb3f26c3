"""A list of cases with all that stands around it, for a vendor's page and for the staff's."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from dunning.desk import Desk
from dunning.records.queries.cases.counts import CaseCounts, Sums, count_cases
from dunning.records.queries.cases.filter import CaseFilter
from dunning.records.queries.cases.limitations import list_alarms
from dunning.records.queries.cases.table import CasePage, find_page
from dunning.records.queries.cases.undoable import list_undoable
from dunning.web.lists.cursors import Cursor, Paged, read_cursor
from dunning.web.lists.filters import (
    PAGE_SIZES,
    PLAIN,
    clear_filter,
    parse_filter,
    write_amount,
    write_filter,
)
from dunning.web.lists.list_parts import Column, StatusOption, list_columns, list_statuses
from dunning.web.lists.saved_views import PERIOD_LABELS, Chip, View, list_chips, list_views
from dunning.web.request.scope import Scope
from dunning.web.request.texts import gettext as _
from dunning.web.request.texts import ngettext
from dunning.web.table.rows import RowView
from dunning.web.words.labels import label_status_filter
from dunning.web.words.partner_lines import list_paces


@dataclass(frozen=True)
class CaseList(Paged):
    """What the templates draw. Everything is of one filter, so rows, sums and links belong together."""

    wanted: CaseFilter
    scope: Scope
    rows: list[RowView]
    counts: CaseCounts
    first: int  # number of the first row on this page, from 1
    page: CasePage
    opening_days: int

    @property
    def path(self) -> str:
        return self.scope.links.cases()

    @property
    def staff(self) -> bool:
        return self.scope.staff

    @property
    def sums(self) -> Sums:
        return self.counts.hits

    @property
    def any_cases(self) -> bool:
        return self.counts.total.cases > 0

    @cached_property
    def columns(self) -> list[Column]:
        return list_columns(self.wanted, self.path, staff=self.staff)

    @cached_property
    def chips(self) -> list[Chip]:
        return list_chips(self.wanted, self.path, staff=self.staff)

    @property
    def clearable(self) -> int:
        """How many chips "Clear" takes off: not that of the vendor."""
        return len(self.chips) - bool(self.wanted.vendor)

    @cached_property
    def views(self) -> list[View]:
        return list_views(self.wanted, self.counts, self.path)

    @cached_property
    def statuses(self) -> list[StatusOption]:
        return list_statuses(self.wanted, self.counts, staff=self.staff)

    @property
    def status_summary(self) -> str:
        """The button of the status list, closed."""
        chosen = self.wanted.statuses
        if len(chosen) == 1:
            return _("Status: %(status)s", status=label_status_filter(chosen[0], staff=self.staff))
        return _("Status: %(count)s chosen", count=len(chosen)) if chosen else _("Status: all")

    @property
    def periods(self) -> list[tuple[str, str]]:
        return [(key, str(label)) for key, label in PERIOD_LABELS.items()]

    @property
    def amount_min(self) -> str:
        return write_amount(self.wanted.amount_min)

    @property
    def amount_max(self) -> str:
        return write_amount(self.wanted.amount_max)

    @property
    def search_label(self) -> str:
        return _("Order ID, user ID, name or e-mail") if self.staff else _("Order ID, first or last name")

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the filter form keeps without showing it."""
        days = {"from": self.wanted.opened_from, "to": self.wanted.opened_to}
        kept = [(name, day.isoformat()) for name, day in days.items() if day]
        others = {
            "vendor": str(self.wanted.vendor or ""),
            "ended": self.wanted.ended,
            "sort": self.wanted.sort,
            "per": str(self.wanted.per),
        }
        default = {"sort": PLAIN.sort, "per": str(PLAIN.per)}
        return kept + [(name, value) for name, value in others.items() if value != default.get(name, "")]

    @property
    def url(self) -> str:
        """The first page of this list."""
        return self.path + write_filter(self.wanted)

    @property
    def clear_url(self) -> str:
        return self.path + write_filter(clear_filter(self.wanted))

    @property
    def csv_url(self) -> str:
        return f"{self.path}.csv{write_filter(replace(self.wanted, per=PLAIN.per))}"

    @property
    def sizes(self) -> list[tuple[int, str]]:
        """How many rows a page can have, each with its address."""
        return [(size, self.path + write_filter(replace(self.wanted, per=size))) for size in PAGE_SIZES]

    @property
    def shown(self) -> CasePage:
        return self.page

    @property
    def total(self) -> int:
        return self.sums.cases

    @property
    def order(self) -> str:
        return self.wanted.sort

    def link(self, *pairs: tuple[str, str]) -> str:
        return self.path + write_filter(self.wanted, *pairs)

    @property
    def announcement(self) -> str:
        """What a reader hears when the list changes."""
        head = next((column for column in self.columns if column.sorted), None)
        hits = ngettext("%(num)s case", "%(num)s cases", self.sums.cases)
        if head is None:
            return hits
        way = _("descending") if head.sorted == "descending" else _("ascending")
        return _("%(hits)s, sorted by %(column)s, %(way)s", hits=hits, column=head.label, way=way)

    def shows(self, case_id: int | None) -> bool:
        """Whether the case is on this page."""
        return any(view.row.id == case_id for view in self.rows)


def build_list(session: Session, args: MultiDict[str, str], scope: Scope, desk: Desk) -> CaseList:
    """The list a query string asks for, in a few statements."""
    staff = scope.staff
    wanted = parse_filter(args, staff=staff)
    cursor = read_cursor(args, wanted.sort)
    page = find_page(session, wanted, scope.vendor_id, desk.today, cursor.place if cursor else None)
    case_ids = [row.id for row in page.rows]
    alarms = list_alarms(session, page.rows, desk.today)
    paces = {} if staff else list_paces(session, page.rows, desk.now)
    undoable = {} if staff else list_undoable(session, case_ids, desk.today)
    list_url = scope.links.cases() + write_filter(wanted, *_list_places(args, cursor))
    return CaseList(
        wanted=wanted,
        scope=scope,
        rows=[
            RowView(
                row,
                desk.today,
                scope,
                list_url,
                row.id in undoable,
                alarms.get(row.id),
                paces.get(row.receivable_id, ""),
            )
            for row in page.rows
        ],
        counts=count_cases(session, wanted, scope.vendor_id, desk.today),
        first=cursor.first_row(len(page.rows)) if cursor else 1,
        page=page,
        opening_days=desk.policy.steps.first_letter.after_days,
    )


def _list_places(args: MultiDict[str, str], cursor: Cursor | None) -> list[tuple[str, str]]:
    if cursor is None:
        return []
    name = "before" if cursor.backward else "after"
    return [(name, args[name])]


def count_views(session: Session, args: MultiDict[str, str], scope: Scope, today: dt.date) -> list[View]:
    """The saved views alone, for an answer that changes their figures."""
    wanted = parse_filter(args, staff=scope.staff)
    counts = count_cases(session, wanted, scope.vendor_id, today)
    return list_views(wanted, counts, scope.links.cases())
