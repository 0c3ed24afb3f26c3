"""The inbox of events: stored before their sender hears OK, each once."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog
from sqlalchemy import bindparam, select, update

from dunning.actions.dossier.refusals import NotFound
from dunning.desk import Desk
from dunning.records.database import insert_once, transaction
from dunning.records.inbox import InboxEvent
from dunning.records.people import Vendor
from dunning.rules.orders.events import OrderEvent, freeze_event
from dunning.work import Actor, Work, begin_work

log = structlog.get_logger()
# read once for every event, on the shortest way: no object of the ORM is made for it
READ_SECRET = select(Vendor.__table__.c.ipn_secret).where(Vendor.__table__.c.id == bindparam("vendor_id"))


def store_event(
    vendor_id: int, read_signed: Callable[[str | None], OrderEvent], sent: str, now: dt.datetime
) -> None:
    """Puts an event into the inbox as it was sent and as it was read; one that is there already changes nothing.

    `read_signed` gets the vendor's secret (None without one, and for a vendor nobody knows) and reads the event; when
    it raises nothing is stored. One transaction, so that the secret and the event cost one connection.
    """
    with transaction() as session:
        event = read_signed(session.scalar(READ_SECRET, {"vendor_id": vendor_id}))
        values = {
            "vendor_id": vendor_id,
            "event_key": event.key,
            "event_type": event.event_type,
            "order_id": event.order_id,
            "body": {"event": freeze_event(event), "sent": sent},
            "received_at": now,
            "state": "new",
            "reason": "",
            "odd": bool(event.odd or event.unclear),
        }
        if session.scalar(insert_once(session, InboxEvent).returning(InboxEvent.id), values):
            session.ring.inbox = True


def apply_again(
    event_id: int, read: Callable[[bytes, dt.datetime], OrderEvent], actor: Actor, desk: Desk
) -> None:
    """Reads the event anew, from what was sent, and has its order put together again. One that was applied stays.

    Raises NotFound.
    """
    with begin_work(desk, actor) as work:
        row = work.session.get(InboxEvent, event_id, with_for_update=True)
        if row is None:
            raise NotFound(event_id)
        if row.state == "applied":
            return
        with suppress(ValueError):  # what an older version took and this one does not stays as it was read
            event = replace(read(row.body["sent"].encode(), row.received_at), key=row.event_key)
            row.body, row.odd = row.body | {"event": freeze_event(event)}, bool(event.odd or event.unclear)
        log.info("event applied again", event_id=event_id, user=actor.user_id, was=row.state)
        row.state, row.reason = "new", ""
        work.session.ring.inbox = True


def wake_waiting(work: Work, order_ids: set[str]) -> None:
    """Orders came in from elsewhere: events that wait for their sale are looked at again."""
    waiting = (InboxEvent.order_id.in_(order_ids), InboxEvent.state == "waiting")
    woken = update(InboxEvent).where(*waiting).values(state="new", reason="").returning(InboxEvent.id)
    if work.session.execute(woken.execution_options(synchronize_session=False)).first():
        work.session.ring.inbox = True
