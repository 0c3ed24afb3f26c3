"""The inbox as the page draws it: four lists of one query string, and why an event is in one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from dunning.records.people import Vendor
from dunning.records.queries.cases.filter import LARGEST_ID, CaseFilter
from dunning.records.queries.vendors.events import (
    IGNORED,
    ODD,
    OPEN,
    VIEWS,
    WAITING,
    EventFilter,
    EventPage,
    EventRow,
    count_events,
    find_events,
)
from dunning.rules.orders import picture
from dunning.web.admin.mail_list import MailTab
from dunning.web.lists.cursors import Paged, read_cursor
from dunning.web.lists.filters import BadFilter, parse_filter, write_filter
from dunning.web.request.texts import gettext as _

PATH = "/admin/events"
NAME, VENDOR = "state", "vendor"
VIEW_LABELS = {
    OPEN: _l("Needs a person"),
    WAITING: _l("Waiting"),
    IGNORED: _l("Ignored"),
    ODD: _l("Applied, with odd fields"),
}
REASON_LABELS = {
    picture.SALE_UNKNOWN: _l("The sale is not known yet"),
    picture.NOT_YET: _l("Its day has not come"),
    picture.NO_AMOUNT: _l("Nothing to be paid"),
    picture.NO_DEBT: _l("A trial owes nothing"),
    picture.UNKNOWN_TYPE: _l("An event of a kind nobody knows"),
    picture.FAILED_THERE: _l("The refund or chargeback failed, says the platform"),
    picture.OTHER_VENDOR: _l("The order belongs to another vendor"),
}


@dataclass(frozen=True)
class EventList(Paged):
    """What the template draws."""

    view: str
    wanted: CaseFilter
    vendor: Vendor | None
    page: EventPage
    counts: Mapping[str, int]
    first: int

    @cached_property
    def tabs(self) -> list[MailTab]:
        return [
            MailTab(str(label), self.link(view=view), view == self.view, self.counts[view])
            for view, label in VIEW_LABELS.items()
        ]

    @property
    def clear_url(self) -> str:
        return f"{PATH}?{NAME}={self.view}"

    @property
    def all_vendors_url(self) -> str:
        return PATH + write_filter(self.wanted, (NAME, self.view))

    @property
    def shown(self) -> EventPage:
        return self.page

    @property
    def total(self) -> int:
        return self.counts[self.view]

    @property
    def order(self) -> str:
        return f"events-{self.view}"

    def link(self, *pairs: tuple[str, str], view: str = "", vendor_id: int | None = None) -> str:
        scope = vendor_id or (self.vendor.id if self.vendor else None)
        vendor = [(VENDOR, scope)] if scope else []
        return PATH + write_filter(self.wanted, (NAME, view or self.view), *vendor, *pairs)


def build_event_list(session: Session, args: MultiDict[str, str]) -> EventList:
    """The list a query string asks for. BadFilter for what cannot be understood."""
    view = args.get(NAME) or OPEN
    if view not in VIEWS:
        raise _refuse(NAME, view)
    vendor, asked = _read_vendor(session, args.get(VENDOR) or ""), parse_filter(args)
    wanted = replace(CaseFilter(), text=asked.text, per=asked.per)
    cursor = read_cursor(args, f"events-{view}")
    chosen = EventFilter(wanted.text, vendor.id if vendor else None)
    page = find_events(session, view, chosen, wanted.per, cursor.place if cursor else None)
    first = cursor.first_row(len(page.rows)) if cursor else 1
    return EventList(view, wanted, vendor, page, count_events(session, chosen), first)


def _read_vendor(session: Session, typed: str) -> Vendor | None:
    if not typed:
        return None
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < len(str(LARGEST_ID)) else 0
    vendor = session.get(Vendor, number)
    if vendor is None:
        raise _refuse(VENDOR, typed)
    return vendor


def _refuse(name: str, value: str) -> BadFilter:
    return BadFilter(_("“%(value)s” is no value for “%(name)s”.", value=value[:40], name=name))


def label_reason(row: EventRow) -> str:
    """Why it was not applied, in the reader's words; "" when it was."""
    if row.reason in REASON_LABELS:
        return str(REASON_LABELS[row.reason])
    if row.reason.startswith(picture.UNKNOWN_STATUS):
        status = row.reason.removeprefix(picture.UNKNOWN_STATUS)
        return _("Nobody knows the payment_status %(status)s: no money was moved", status=status)
    if row.state == "new" and row.reason:
        return _("It could not be applied: %(error)s", error=row.reason)
    return _("A field that money hangs on cannot be read: %(said)s", said=row.reason) if row.reason else ""
