"""What a case's page shows of the partner: its mandate, its news, and whether something is about to change."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.records.partner import Mandate, PartnerNews
from dunning.rules.effect_states import OPEN
from dunning.rules.terms import HANDOVER

# for so long after the acceptance the balance may still be on its way
SETTLING = dt.timedelta(minutes=1)


def find_mandate(session: Session, case: Case) -> Mandate | None:
    """The mandate of the case's present claim, or the newest of an earlier one."""
    query = select(Mandate).where(Mandate.case_id == case.id)
    present = Mandate.mandate_id == (case.mandate_id or "")
    return session.scalar(query.order_by(present.desc(), Mandate.id.desc()).limit(1))


def find_submission(session: Session, receivable_id: int) -> str:
    """The partner's own word for where its review stands; empty before it has said one."""
    said = select(Effect.evidence["submission_state"].as_string()).where(
        Effect.receivable_id == receivable_id, Effect.kind == HANDOVER, Effect.state.in_(OPEN)
    )
    return session.scalar(said.order_by(Effect.id.desc()).limit(1)) or ""


def list_news(session: Session, case_id: int) -> list[PartnerNews]:
    """Everything the partner told, oldest first."""
    query = select(PartnerNews).where(PartnerNews.case_id == case_id).order_by(PartnerNews.id)
    return list(session.scalars(query))


def find_fresh(session: Session, receivable_ids: Collection[int], now: dt.datetime) -> dict[int, dt.datetime]:
    """Receivable -> since when its claim is on its way to the partner or in review, or was accepted just now."""
    if not receivable_ids:
        return {}
    moving = or_(Effect.state.in_(OPEN), Effect.finished_at > now - SETTLING)
    since = func.coalesce(Effect.finished_at, Effect.created_at)
    query = select(Effect.receivable_id, since).where(
        Effect.receivable_id.in_(receivable_ids), Effect.kind == HANDOVER, moving
    )
    rows = session.execute(query.order_by(Effect.id))
    return {receivable_id: since for receivable_id, since in rows if receivable_id is not None}
