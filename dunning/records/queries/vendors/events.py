"""What support reads of the inbox: events that wait, were ignored, failed, or had fields nobody could read."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlakeyset import select_page
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from dunning.records.inbox import SHOWN, InboxEvent
from dunning.records.people import Vendor
from dunning.records.queries.cases.filter import CaseFilter
from dunning.rules.orders.picture import NOT_YET, SALE_UNKNOWN
from dunning.rules.terms import InboxState

# ends by itself: the sale comes, or the day
_patient = InboxEvent.reason.in_((SALE_UNKNOWN, NOT_YET))
_stuck = and_(InboxEvent.reason != "", InboxEvent.state.in_(("new", "waiting")), ~_patient)
OPEN, WAITING, IGNORED, ODD = "open", "waiting", "ignored", "odd"
VIEWS: dict[str, ColumnElement[bool]] = {
    OPEN: _stuck,
    WAITING: and_(InboxEvent.state == "waiting", _patient),
    IGNORED: InboxEvent.state == "ignored",
    ODD: and_(InboxEvent.state == "applied", InboxEvent.odd),
}


@dataclass(frozen=True)
class EventRow:
    """One event: what came, and what was made of it."""

    id: int
    event_type: str
    order_id: str
    vendor_id: int
    vendor_name: str
    received_at: dt.datetime
    state: InboxState
    reason: str
    body: dict[str, Any]

    @property
    def unread(self) -> list[str]:
        """The fields that nobody could read, each with why."""
        read = self.body["event"]
        return [*read.get("unclear", ()), *read.get("odd", ())]


@dataclass(frozen=True)
class EventPage:
    """Rows of a page and the places before and after it, None at the ends."""

    rows: list[EventRow]
    before: str | None
    after: str | None


def _select_events() -> Select[*tuple[Any, ...]]:
    names = ("id", "event_type", "order_id", "vendor_id", "received_at", "state", "reason", "body")
    columns = [getattr(InboxEvent, name) for name in names]
    return select(*columns, Vendor.name.label("vendor_name")).join(Vendor, Vendor.id == InboxEvent.vendor_id)


def _choose(view: str, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """Those of one of VIEWS; of one vendor, or of all; whose order ID begins so."""
    chosen = [VIEWS[view]]
    if wanted.vendor is not None:
        chosen.append(InboxEvent.vendor_id == wanted.vendor)
    if wanted.text:
        chosen.append(func.lower(InboxEvent.order_id).startswith(wanted.text.lower(), autoescape=True))
    return chosen


def find_events(session: Session, view: str, wanted: CaseFilter, place: str | None) -> EventPage:
    """One of VIEWS, the newest first."""
    query = _select_events().where(SHOWN, *_choose(view, wanted)).order_by(InboxEvent.id.desc())
    page = select_page(session, query, per_page=wanted.per, page=place)
    return EventPage(
        rows=[EventRow(**row._mapping) for row in page],
        before=page.paging.bookmark_previous if page.paging.has_previous else None,
        after=page.paging.bookmark_next if page.paging.has_next else None,
    )


def find_event(session: Session, event_id: int) -> EventRow | None:
    """One event, whatever became of it."""
    row = session.execute(_select_events().where(InboxEvent.id == event_id)).one_or_none()
    return EventRow(**row._mapping) if row else None


def count_events(session: Session, wanted: CaseFilter) -> dict[str, int]:
    """How many each view has."""
    counted = {
        view: select(func.count()).select_from(InboxEvent).where(SHOWN, *_choose(view, wanted))
        for view in VIEWS
    }
    return {view: session.scalar(query) or 0 for view, query in counted.items()}


def count_stuck(session: Session) -> int:
    """How many wait for a person."""
    return session.scalar(select(func.count()).select_from(InboxEvent).where(SHOWN, _stuck)) or 0
