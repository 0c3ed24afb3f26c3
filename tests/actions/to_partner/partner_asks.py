"""The partner asks: `ask(case_id, "yes-no")` puts a question at the sandbox and takes it over as the poll does."""

from flask import current_app
from sqlalchemy import select

from dunning.actions.at_partner.questions import take_questions
from dunning.jobs.ways.channels import Channels
from dunning.outside.partner.reading import read_question
from dunning.records import db, transaction
from dunning.records.partner import PartnerQuestion
from dunning.sandbox.deeds import ask_question
from dunning.sandbox.tables import SandboxMandate, SandboxQuestion
from dunning.settings import Settings
from tests.actions.at_partner.partner_says import hear
from tests.builders import a_desk, after, read_case


def ask(case_id: int, answer_type: str = "yes-no", title: str = "Was the course delivered?") -> int:
    """Returns our id of the question."""
    hear(case_id)
    case = read_case(case_id)
    with transaction() as session:
        mandate = session.scalars(select(SandboxMandate).where(SandboxMandate.id == case.mandate_id)).one()
        request_id = ask_question(session, mandate, title, "The buyer says it was not.", answer_type).id
    poll(case_id)
    question_id = db.session.scalars(
        select(PartnerQuestion.id).where(PartnerQuestion.request_id == request_id)
    ).one()
    db.session.rollback()
    return question_id


def poll(case_id: int) -> None:
    """What the poll does with a mandate's questions."""
    settings: Settings = current_app.config["SETTINGS"]
    mandate_id = read_case(case_id).mandate_id
    db.session.rollback()
    asked = [read_question(found) for found in Channels(settings).partner.list_questions(mandate_id)]
    take_questions(mandate_id, asked, a_desk(after(40)))
    db.session.rollback()


def read_row(question_id: int) -> PartnerQuestion:
    """Our row as it stands."""
    db.session.rollback()
    return db.session.get_one(PartnerQuestion, question_id, populate_existing=True)


def answers_at_partner() -> list[dict | None]:
    """What the sandbox has as answers, oldest question first."""
    db.session.rollback()
    return list(db.session.scalars(select(SandboxQuestion.answer).order_by(SandboxQuestion.number)))
