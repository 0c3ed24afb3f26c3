"""Applies the inbox: whenever something is new, all events of its order are folded again.

What has changed since the last time is written, so it does not matter what came first.
"""

from collections.abc import Iterable, Mapping

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dunning.actions.dossier.dossier import Dossier, open_dossiers
from dunning.actions.orders.apply_picture import apply_picture, list_known
from dunning.desk import Desk
from dunning.records.database import DISTURBED, db, transaction
from dunning.records.inbox import InboxEvent
from dunning.records.orders import Order, Receivable
from dunning.rules.orders.events import Verdict, thaw_event
from dunning.rules.orders.picture import NOT_YET, OTHER_VENDOR, SALE_UNKNOWN, fold_order, list_early
from dunning.work import begin_work

log = structlog.get_logger()
BATCH = 500
FOREIGN, EARLY = Verdict("ignored", OTHER_VENDOR), Verdict("waiting", NOT_YET)
LONGEST_REASON = 500


def apply_inbox(desk: Desk, *, again: bool = False) -> int:
    """Applies what is new, order by order. One that fails is set aside with its error and stops nobody else.

    `again` also tries those set aside before, and those whose day had not come. Returns how many orders failed.
    """
    last_id = failed = 0
    query = select(InboxEvent.id, InboxEvent.vendor_id, InboxEvent.order_id)
    if again:
        query = query.where(InboxEvent.state.in_(("new", "waiting")), InboxEvent.reason != SALE_UNKNOWN)
    else:
        query = query.where(InboxEvent.state == "new", InboxEvent.reason == "")
    query = query.order_by(InboxEvent.id).limit(BATCH)
    while rows := db.session.execute(query.where(InboxEvent.id > last_id)).all():
        last_id = rows[-1].id
        for vendor_id, order_id in dict.fromkeys((row.vendor_id, row.order_id) for row in rows):
            failed += not _try_order(vendor_id, order_id, desk)
    return failed


def _try_order(vendor_id: int, order_id: str, desk: Desk) -> bool:
    try:
        apply_order(vendor_id, order_id, desk)
    except DISTURBED:
        raise
    except Exception as error:  # the poison order is shown to a person, the others go on
        log.exception("order set aside", vendor_id=vendor_id)
        _set_aside(vendor_id, order_id, repr(error))
        return False
    return True


def apply_order(vendor_id: int, order_id: str, desk: Desk) -> None:
    """Folds all events of an order and writes what has changed, in one transaction."""
    with begin_work(desk) as work:
        rows = _lock_events(work.session, vendor_id, order_id)
        events = [thaw_event(row.body["event"]) for row in rows]
        early = list_early(events, desk.today)
        if not any(_is_news(row, early) for row in rows):
            return
        owner = work.session.scalar(select(Order.vendor_id).where(Order.order_id == order_id))
        if owner not in (None, vendor_id):
            _note_verdicts(rows, dict.fromkeys((row.event_key for row in rows), FOREIGN), desk)
            return
        dossiers = _open_order(work.session, order_id)
        now, known = [event for event in events if event.key not in early], list_known(dossiers)
        picture = fold_order(now, known, dossiers[0].order.payment_plan if known else "")
        apply_picture(work, vendor_id, order_id, picture, dossiers)
        _note_verdicts(rows, picture.verdicts | dict.fromkeys(early, EARLY), desk)


def _is_news(row: InboxEvent, early: set[str]) -> bool:
    return row.state == "new" or (row.reason == NOT_YET and row.event_key not in early)


def _open_order(session: Session, order_id: str) -> list[Dossier]:
    receivable_ids = select(Receivable.id).join(Order).where(Order.order_id == order_id)
    return open_dossiers(session, session.scalars(receivable_ids.order_by(Receivable.id)).all())


def _lock_events(session: Session, vendor_id: int, order_id: str) -> list[InboxEvent]:
    """All events of the order. Whoever applies the same order waits here (SQLite's writers wait from the start)."""
    query = select(InboxEvent).where(InboxEvent.vendor_id == vendor_id, InboxEvent.order_id == order_id)
    locked = query.order_by(InboxEvent.id).with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(locked))


def _note_verdicts(rows: Iterable[InboxEvent], verdicts: Mapping[str, Verdict], desk: Desk) -> None:
    for row in rows:
        verdict = verdicts[row.event_key]
        row.state, row.reason = verdict.state, verdict.reason
        if verdict.state == "applied" and row.applied_at is None:
            row.applied_at = desk.now


def _set_aside(vendor_id: int, order_id: str, error: str) -> None:
    order = (InboxEvent.vendor_id == vendor_id, InboxEvent.order_id == order_id, InboxEvent.state == "new")
    with transaction() as session:
        session.execute(update(InboxEvent).where(*order).values(reason=error[:LONGEST_REASON]))
