"""Support answers a question of the partner, once; the partner has it when it says so."""

import secrets
from typing import Any

from sqlalchemy import update

from dunning import effects
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.refusals import NotFound
from dunning.actions.dossier.tell_partner import tell_partner
from dunning.desk import Desk
from dunning.errand import ReceivableErrand
from dunning.records.partner import PartnerQuestion
from dunning.rules.partner.messages import AnswerMessage, name_question
from dunning.work import Actor, Work, begin_work


class AlreadyAnswered(Exception):
    """A colleague was faster, or somebody answered in the partner's portal."""


def answer_question(
    case_id: int, question_id: int, answer_type: str, answer: dict[str, Any], actor: Actor, desk: Desk
) -> None:
    """Keeps the answer and puts it on its way. Raises AlreadyAnswered, NotFound."""
    with begin_work(desk, actor) as work:
        question = work.session.get(PartnerQuestion, question_id)
        if question is None or question.case_id != case_id:
            raise NotFound(question_id)
        _take_question(work, question_id, answer)
        note_event(work, question.case, "answer_question", question=question.title, type=answer_type)
        tell_partner(
            work,
            question.case,
            AnswerMessage(case_id=case_id, question_id=question_id, answer_type=answer_type),
            # an answer the partner refused is given anew
            f"{question.request_id}:{secrets.token_hex(4)}",
        )


def _take_question(work: Work, question_id: int, answer: dict[str, Any]) -> None:
    """Of two who answer at once one changes the row."""
    is_open = (
        PartnerQuestion.id == question_id,
        PartnerQuestion.answered_at.is_(None),
        PartnerQuestion.acknowledged_at.is_(None),
    )
    values = {"answer": answer, "answered_by": work.actor.user_id, "answered_at": work.now}
    taken = update(PartnerQuestion).where(*is_open).values(values).returning(PartnerQuestion.id)
    if work.session.execute(taken).first() is None:
        raise AlreadyAnswered(question_id)


def note_acknowledged(message: ReceivableErrand, desk: Desk) -> None:
    """The partner has the answer."""
    with begin_work(desk) as work:
        question = work.session.get_one(PartnerQuestion, name_question(message.payload))
        question.acknowledged_at = question.acknowledged_at or desk.now
        effects.finish(work.session, message, desk.now, {"request_id": question.request_id})


def reopen_question(message: ReceivableErrand, reasons: tuple[str, ...], desk: Desk) -> None:
    """The partner does not take the answer: the question is open again, the history has the partner's words."""
    with begin_work(desk) as work:
        question = work.session.get_one(PartnerQuestion, name_question(message.payload))
        question.answer = question.answered_by = question.answered_at = None
        words = " · ".join(reasons)
        note_event(work, question.case, "answer_refused", reason=words, question=question.title)
        effects.supersede(work.session, message, desk.now, f"refused: {words}"[:2000])
