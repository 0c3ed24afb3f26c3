"""An answer on its way to the partner: asked first whether it has one, so that no answer arrives twice."""

import base64
from typing import Any

from dunning import effects
from dunning.actions.to_partner.answer_question import note_acknowledged, reopen_question
from dunning.desk import Desk
from dunning.errand import ReceivableErrand
from dunning.jobs.ways.channels import Channels
from dunning.jobs.ways.line import open_line
from dunning.outside.partner.answers import PartnerRefused, PartnerUnavailable
from dunning.outside.partner.port import Partner
from dunning.outside.storage import Storage, open_uploads
from dunning.records.database import db
from dunning.records.partner import PartnerQuestion
from dunning.rules.partner.messages import name_question


def carry_answer(message: ReceivableErrand, channels: Channels, desk: Desk) -> None:
    """Done when the partner has an answer, ours or one given in its portal; tried until then."""
    question = _read_question(name_question(message.payload))
    answer = fill_files(question.answer or {}, open_uploads(channels.settings.storage_url))
    try:
        with open_line(channels.partner, desk.now):
            _deliver_answer(channels.partner, question, answer)
    except PartnerUnavailable as error:
        effects.postpone(message, desk.now, str(error), effects.back_off(message))
    except PartnerRefused as error:
        reopen_question(message, tuple(error.messages), desk)
    else:
        note_acknowledged(message, desk)


def _read_question(question_id: int) -> PartnerQuestion:
    question = db.session.get_one(PartnerQuestion, question_id)
    db.session.expunge(question)
    db.session.rollback()  # nothing stays open while the partner is spoken to
    return question


def _deliver_answer(client: Partner, question: PartnerQuestion, answer: dict[str, Any]) -> None:
    """Refused because somebody answered in the portal a moment ago, it has arrived as well."""
    if _is_answered(client, question):
        return
    try:
        client.answer_question(question.mandate_id, question.request_id, answer)
    except PartnerRefused:
        if not _is_answered(client, question):
            raise


def _is_answered(client: Partner, question: PartnerQuestion) -> bool:
    asked = client.list_questions(question.mandate_id)
    return any(found.answered for found in asked if found.id == question.request_id)


def fill_files(answer: dict[str, Any], store: Storage) -> dict[str, Any]:
    """The answer with the stored files' contents in place of their hashes."""
    if "files" not in answer:
        return answer
    files = [
        {"name": file["name"], "content": base64.b64encode(store.get(file["sha256"])).decode()}
        for file in answer["files"]
    ]
    return {**answer, "files": files}
