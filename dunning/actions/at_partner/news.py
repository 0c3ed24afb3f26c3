"""What the partner told us, line by line: each once, in the transaction that does what follows from it."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.partner import PartnerNews


def note_news(
    session: Session,
    case: Case,
    kind: str,
    key: str,
    desk: Desk,
    *,
    title: str = "",
    description: str = "",
    on_date: dt.date | None = None,
    detail: Mapping[str, object] | None = None,
) -> bool:
    """Adds a line to the case's timeline; False when it stands there already. The receivable must be locked."""
    known = select(PartnerNews.id).where(PartnerNews.case_id == case.id, PartnerNews.news_key == key)
    if session.scalar(known):
        return False
    row = PartnerNews(
        vendor_id=case.vendor_id,
        case_id=case.id,
        news_key=key,
        kind=kind,
        title=title,
        description=description,
        detail=dict(detail or {}),
        on_date=on_date or desk.today,
        recorded_at=desk.now,
    )
    session.add(row)
    session.flush()
    return True
