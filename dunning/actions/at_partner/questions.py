"""The partner's questions to the client, kept so that support can answer them."""

from collections.abc import Sequence

from sqlalchemy import select

from dunning.actions.at_partner.news import NewsLine, note_news
from dunning.desk import Desk
from dunning.records.partner import Mandate, PartnerQuestion
from dunning.rules.partner.news import Question
from dunning.work import begin_work


def take_questions(mandate_id: str, questions: Sequence[Question], desk: Desk) -> int:
    """Keeps those nobody knew and notes which the partner has an answer to. Returns how many are new and open.

    One that was answered in the partner's own portal is acknowledged without an answer of ours.
    """
    added = 0
    with begin_work(desk) as work:
        mandate = work.session.scalar(
            select(Mandate).where(Mandate.mandate_id == mandate_id).with_for_update()
        )
        if mandate is None:
            return 0
        query = select(PartnerQuestion).where(PartnerQuestion.mandate_id == mandate_id)
        known = {row.request_id: row for row in work.session.scalars(query)}
        for question in questions:
            row = known.get(question.request_id)
            if row is None and not question.answered:
                work.session.add(_keep(mandate, question, desk))
                key = f"question:{question.request_id}"
                note_news(work, mandate.case, NewsLine("question", key, title=question.title))
                added += 1
            elif row and question.answered and row.acknowledged_at is None:
                row.acknowledged_at = desk.now
    return added


def _keep(mandate: Mandate, question: Question, desk: Desk) -> PartnerQuestion:
    return PartnerQuestion(
        vendor_id=mandate.vendor_id,
        case_id=mandate.case_id,
        mandate_id=mandate.mandate_id,
        request_id=question.request_id,
        title=question.title,
        description=question.description,
        answer_types=list(question.answer_types),
        content=dict(question.content),
        seen_at=desk.now,
    )
