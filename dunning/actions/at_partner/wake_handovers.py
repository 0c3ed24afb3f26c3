"""Claims the partner reviews are asked after at once when there may be news of them."""

import datetime as dt

from sqlalchemy import update

from dunning.records.database import transaction
from dunning.records.effects import Effect
from dunning.rules.terms import HANDOVER


def wake_handovers(now: dt.datetime, claim_id: str | None = None) -> int:
    """Makes the handovers of released claims due now, or of one claim only. Returns how many."""
    reviewed = (
        Effect.kind == HANDOVER,
        Effect.state == "retry_wait",
        Effect.their_turn,
    )
    query = update(Effect).where(*reviewed).values(not_before=now).returning(Effect.id)
    if claim_id is not None:
        query = query.where(Effect.evidence["claim_id"].as_string() == claim_id)
    with transaction() as session:
        found = session.scalars(query.execution_options(synchronize_session=False)).all()
        session.ring.effects.extend(found)
    return len(found)
