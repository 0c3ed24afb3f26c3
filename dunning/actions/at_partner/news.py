"""What the partner told us, line by line: each once, in the transaction that does what follows from it."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select

from dunning.records.cases import Case
from dunning.records.partner import PartnerNews
from dunning.work import Work


def note_news(
    work: Work,
    case: Case,
    kind: str,
    key: str,
    *,
    title: str = "",
    description: str = "",
    on_date: dt.date | None = None,
    detail: Mapping[str, object] | None = None,
) -> bool:
    """Adds a line to the case's timeline; False when it stands there already. The receivable must be locked."""
    known = select(PartnerNews.id).where(PartnerNews.case_id == case.id, PartnerNews.news_key == key)
    if work.session.scalar(known):
        return False
    row = PartnerNews(
        vendor_id=case.vendor_id,
        case_id=case.id,
        news_key=key,
        kind=kind,
        title=title,
        description=description,
        detail=dict(detail or {}),
        on_date=on_date or work.today,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return True
