"""The inbox as the page draws it: four lists of one query string, and why an event is in one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from dunning.records.queries.cases.filter import CaseFilter
from dunning.records.queries.vendors.events import (
    IGNORED,
    ODD,
    OPEN,
    VIEWS,
    WAITING,
    EventPage,
    EventRow,
    count_events,
    find_events,
)
from dunning.rules.orders import picture
from dunning.web.admin.mail_list import MailTab
from dunning.web.lists.cursors import Paged, read_cursor
from dunning.web.lists.filters import BadFilter, parse_filter, write_filter
from dunning.web.lists.saved_views import Chip, label_vendor
from dunning.web.request.texts import gettext as _

PATH = "/admin/events"
NAME = "state"
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
    def chips(self) -> list[Chip]:
        """Whose events these are, when they are one vendor's."""
        if not self.wanted.vendor:
            return []
        return [Chip(label_vendor(self.wanted.vendor), self.link(wanted=replace(self.wanted, vendor=None)))]

    @property
    def shown(self) -> EventPage:
        return self.page

    @property
    def total(self) -> int:
        return self.counts[self.view]

    @property
    def order(self) -> str:
        return f"events-{self.view}"

    def link(self, *pairs: tuple[str, str], view: str = "", wanted: CaseFilter | None = None) -> str:
        return PATH + write_filter(wanted or self.wanted, (NAME, view or self.view), *pairs)

    def link_vendor(self, vendor_id: int) -> str:
        """The same list of one vendor."""
        return self.link(wanted=replace(self.wanted, vendor=vendor_id))


def build_event_list(session: Session, args: MultiDict[str, str]) -> EventList:
    """The list a query string asks for. BadFilter for what cannot be understood."""
    view = args.get(NAME) or OPEN
    if view not in VIEWS:
        raise BadFilter(_("“%(value)s” is no value for “%(name)s”.", value=view[:40], name=NAME))
    asked = parse_filter(args, staff=True)
    wanted = CaseFilter(text=asked.text, vendor=asked.vendor, per=asked.per)
    cursor = read_cursor(args, f"events-{view}")
    page = find_events(session, view, wanted, cursor.place if cursor else None)
    first = cursor.first_row(len(page.rows)) if cursor else 1
    return EventList(view, wanted, page, count_events(session, wanted), first)


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
