"""Whom the sandbox partner tells: news are queued for every webhook in the transaction they arise in."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.clock import read_now
from dunning.sandbox.tables import SandboxClaim, SandboxDelivery, SandboxMandate, SandboxWebhook

COMPANY = "sandbox-company"


def queue_news(session: Session, mandate: SandboxMandate, *events: str) -> None:
    """News of a mandate, one delivery per event and webhook that wants it."""
    for event in events:
        queue(session, event, {"mandate_id": mandate.id, "claim_id": mandate.claim.id})


def queue_claim_news(session: Session, claim: SandboxClaim) -> None:
    """A claim has changed its state."""
    queue(session, "claim.updated", {"claim_id": claim.id})


def queue(session: Session, event: str, about: dict[str, Any]) -> None:
    """The body says what it is about, not what it says: who listens looks for himself."""
    now = read_now()
    for webhook in session.scalars(select(SandboxWebhook).where(SandboxWebhook.disabled_at.is_(None))):
        if event in webhook.events:
            body = {"event": event, "timestamp": write_moment(now), "data": describe(about)}
            session.add(SandboxDelivery(webhook_number=webhook.number, event=event, body=body, due_at=now))


def describe(about: dict[str, Any]) -> dict[str, Any]:
    """The `data` of a delivery; everything here is a test."""
    return {"company_id": COMPANY, "access_mode": "test", **about}


def write_moment(instant: dt.datetime) -> str:
    """`2026-01-02T03:04:05Z`."""
    return instant.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
