"""Webhook deliveries: stored before they are answered, each once, and what became of them."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.records.database import db, insert_once, transaction
from dunning.records.partner import PartnerDelivery
from dunning.rules.terms import DeliveryState

BATCH = 500


def store_delivery(delivery_id: str, event: str, body: dict[str, Any], now: dt.datetime) -> None:
    """Keeps a delivery and rings for it; one that came before changes nothing."""
    values = {
        "delivery_id": delivery_id,
        "event": event,
        "body": body,
        "received_at": now,
        "state": "new",
        "reason": "",
    }
    with transaction() as session:
        if session.scalar(insert_once(session, PartnerDelivery).returning(PartnerDelivery.id), values):
            session.ring.partner_news = True


def list_new(session: Session) -> list[PartnerDelivery]:
    """The oldest deliveries nobody has looked at yet."""
    query = select(PartnerDelivery).where(PartnerDelivery.state == "new").order_by(PartnerDelivery.id)
    return list(session.scalars(query.limit(BATCH)))


def note_delivery(delivery_id: int, state: DeliveryState, reason: str, now: dt.datetime) -> None:
    """What became of it; `new` with a reason is tried again."""
    with transaction() as session:
        row = session.get_one(PartnerDelivery, delivery_id)
        row.state, row.reason = state, reason
        row.applied_at = now if state == "applied" else None


def has_new() -> bool:
    """Whether any delivery waits."""
    found = db.session.scalar(select(PartnerDelivery.id).where(PartnerDelivery.state == "new").limit(1))
    return found is not None
