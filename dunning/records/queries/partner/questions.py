"""What support reads about the partner's questions: those that are open or on their way, and how many wait.

Once the partner has ended its work it waits for no answer any more.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from dunning.records.cases import Case
from dunning.records.orders import Buyer, Order, Receivable
from dunning.records.partner import Mandate, PartnerQuestion
from dunning.records.people import User, Vendor

MOST_LISTED = 200


@dataclass(frozen=True)
class QuestionRow:
    """One question that the partner has no answer to yet; `answered_at` when ours is on its way."""

    id: int
    case_id: int
    title: str
    description: str
    seen_at: dt.datetime
    answered_at: dt.datetime | None
    order_id: str
    first_name: str
    last_name: str
    company: str
    vendor_id: int
    vendor_name: str

    @property
    def name(self) -> str:
        return self.company.strip() or f"{self.first_name} {self.last_name}".strip()


def _waiting() -> list[ColumnElement[bool]]:
    working = select(Mandate.id).where(
        Mandate.mandate_id == PartnerQuestion.mandate_id, Mandate.ended_on.is_(None)
    )
    return [
        PartnerQuestion.answered_at.is_(None),
        PartnerQuestion.acknowledged_at.is_(None),
        working.exists(),
    ]


def count_questions(session: Session) -> int:
    """How many wait for an answer of ours."""
    return session.scalar(select(func.count()).select_from(PartnerQuestion).where(*_waiting())) or 0


def has_question(session: Session, case_id: int) -> bool:
    """Whether one about the case waits."""
    query = select(PartnerQuestion.id).where(PartnerQuestion.case_id == case_id, *_waiting())
    return session.scalar(query.limit(1)) is not None


def list_questions(session: Session) -> list[QuestionRow]:
    """Unanswered ones first, then those on their way; who has waited longest comes first."""
    query = (
        select(
            *(
                PartnerQuestion.id,
                PartnerQuestion.case_id,
                PartnerQuestion.title,
                PartnerQuestion.description,
            ),
            *(PartnerQuestion.seen_at, PartnerQuestion.answered_at, Order.order_id),
            *(Buyer.first_name, Buyer.last_name, Buyer.company),
            *(Vendor.id.label("vendor_id"), Vendor.name.label("vendor_name")),
        )
        .join(Case, Case.id == PartnerQuestion.case_id)
        .join(Receivable, Receivable.id == Case.receivable_id)
        .join(Order, Order.id == Receivable.order_pk)
        .join(Buyer, Buyer.order_pk == Order.id)
        .join(Vendor, Vendor.id == PartnerQuestion.vendor_id)
        .where(
            or_(
                and_(*_waiting()),
                and_(PartnerQuestion.answered_at.is_not(None), PartnerQuestion.acknowledged_at.is_(None)),
            )
        )
        .order_by(PartnerQuestion.answered_at.is_not(None), PartnerQuestion.seen_at, PartnerQuestion.id)
        .limit(MOST_LISTED)
    )
    return [QuestionRow(**row._mapping) for row in session.execute(query)]


def list_of_case(session: Session, case_id: int) -> Sequence[tuple[PartnerQuestion, str, bool]]:
    """All of a case, newest first, each with the name of whoever answered and whether it waits for an answer."""
    waiting = and_(*_waiting()).label("waiting")
    query = (
        select(PartnerQuestion, func.coalesce(func.nullif(User.name, ""), User.email, ""), waiting)
        .outerjoin(User, User.id == PartnerQuestion.answered_by)
        .where(PartnerQuestion.case_id == case_id)
        .order_by(PartnerQuestion.id.desc())
    )
    return [(question, name, waits) for question, name, waits in session.execute(query)]
