"""The inbox of events: stored before their sender hears OK, each once."""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dunning.records.database import db, transaction
from dunning.records.inbox import InboxEvent
from dunning.records.people import Vendor
from dunning.rules.order_events import WAITING, OrderEvent, freeze_event

NEW = "new"


def read_secret(vendor_id: int) -> str | None:
    """What the vendor's events are signed with; None without one, and for a vendor nobody knows."""
    return db.session.scalar(select(Vendor.ipn_secret).where(Vendor.id == vendor_id))


def store_event(vendor_id: int, event: OrderEvent, sent: str, now: dt.datetime) -> None:
    """Puts the event into the inbox as it was sent and as it was read; one that is there already changes nothing."""
    values = {
        "vendor_id": vendor_id,
        "event_key": event.key,
        "event_type": event.event_type,
        "order_id": event.order_id,
        "body": {"event": freeze_event(event), "sent": sent},
        "received_at": now,
        "state": NEW,
        "reason": "",
    }
    # both databases know ON CONFLICT, each in a dialect of its own
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(InboxEvent).values(values).on_conflict_do_nothing()
    with transaction() as session:
        if session.scalar(insert.returning(InboxEvent.id)):
            session.info["inbox"] = True


def wake_waiting(session: Session, order_ids: set[str]) -> None:
    """Orders came in from elsewhere: events that wait for their sale are looked at again."""
    waiting = (InboxEvent.order_id.in_(order_ids), InboxEvent.state == WAITING)
    woken = update(InboxEvent).where(*waiting).values(state=NEW, reason="").returning(InboxEvent.id)
    if session.execute(woken.execution_options(synchronize_session=False)).first():
        session.info["inbox"] = True
