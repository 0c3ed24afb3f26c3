"""Which mandates we know, how new what we know of them is, and which are still the partner's."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dunning.records.effects import Effect
from dunning.records.partner import Mandate
from dunning.rules.effect_states import IN_HAND
from dunning.rules.terms import HANDOVER


def find_updated(session: Session, mandate_ids: Collection[str]) -> dict[str, dt.datetime | None]:
    """Mandate -> when the partner had last changed it, as we know it; None when it did not say."""
    query = select(Mandate.mandate_id, Mandate.answer["updated"].as_string())
    found = session.execute(query.where(Mandate.mandate_id.in_(mandate_ids)))
    return {key: dt.datetime.fromisoformat(said) if said else None for key, said in found}


def list_open_mandates(session: Session) -> list[tuple[str, str]]:
    """(mandate, claim) of all that have not ended, oldest first."""
    query = select(Mandate.mandate_id, Mandate.claim_id).where(Mandate.ended_on.is_(None))
    return [(mandate_id, claim_id) for mandate_id, claim_id in session.execute(query.order_by(Mandate.id))]


def note_checked(session: Session, mandate_ids: Collection[str], now: dt.datetime) -> None:
    """They were looked at and are as we know them."""
    session.execute(update(Mandate).where(Mandate.mandate_id.in_(mandate_ids)).values(checked_at=now))


def is_handover_under_way(session: Session, now: dt.datetime) -> bool:
    """Whether a worker is talking to the partner about a claim right now: what it hears is not written down yet."""
    under_way = (Effect.kind == HANDOVER, Effect.state.in_(IN_HAND), Effect.lease_until >= now)
    return session.scalar(select(Effect.id).where(*under_way).limit(1)) is not None


def list_reviewed(session: Session) -> list[int]:
    """Effects of the claims the partner reviews, oldest first."""
    reviewed = (Effect.state == "retry_wait", Effect.their_turn)
    return list(
        session.scalars(select(Effect.id).where(Effect.kind == HANDOVER, *reviewed).order_by(Effect.id))
    )
