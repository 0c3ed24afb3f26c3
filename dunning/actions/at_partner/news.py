"""What the partner told us, line by line: each once, in the transaction that does what follows from it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from dunning.records.cases import Case
from dunning.records.partner import PartnerNews
from dunning.rules.terms import NewsKind
from dunning.work import Work


@dataclass(frozen=True)
class NewsLine:
    """A line of the timeline in the partner's words or in ours; `key` is what it is told by once."""

    kind: NewsKind
    key: str
    title: str = ""
    description: str = ""
    on_date: dt.date | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


def note_news(work: Work, case: Case, line: NewsLine) -> bool:
    """Adds a line to the case's timeline; False when it stands there already. The receivable must be locked."""
    known = select(PartnerNews.id).where(PartnerNews.case_id == case.id, PartnerNews.news_key == line.key)
    if work.session.scalar(known):
        return False
    row = PartnerNews(
        vendor_id=case.vendor_id,
        case_id=case.id,
        news_key=line.key,
        kind=line.kind,
        title=line.title,
        description=line.description,
        detail=dict(line.detail),
        on_date=line.on_date or work.today,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return True
