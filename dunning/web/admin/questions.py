"""The partner's questions: which wait for an answer, and the answer from a case's page."""

from flask import Blueprint, Response, abort, flash, render_template, request

from dunning.actions.dossier.refusals import NotFound
from dunning.actions.to_partner.answer_question import AlreadyAnswered, answer_question
from dunning.links import STAFF_LINKS
from dunning.outside.storage import open_uploads
from dunning.records import db
from dunning.records.partner import PartnerQuestion
from dunning.records.queries.cases.filter import LARGEST_ID
from dunning.records.queries.partner.questions import MOST_LISTED, list_questions
from dunning.rules.partner.questions import list_types
from dunning.running import current_settings
from dunning.web.admin.answer_form import read_typed, type_answer
from dunning.web.case.view import refuse_form
from dunning.web.request.answers import see_other
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.form import Form
from dunning.web.request.texts import gettext as _
from dunning.web.words.errors import answer_conflict

pages = Blueprint("admin_questions", __name__)


@pages.app_errorhandler(AlreadyAnswered)
def refuse_answered(_error: AlreadyAnswered) -> Response:
    """409: a colleague was faster."""
    return answer_conflict(_("This question has been answered meanwhile. Reload the page."))


@pages.get("/admin/questions")
def show_questions() -> str:
    """All that the partner has no answer to yet."""
    rows = list_questions(db.session())
    return render_template("admin/questions.html", rows=rows, full=len(rows) == MOST_LISTED)


@pages.post("/admin/cases/<int:case_id>/answer")
def answer(case_id: int) -> Response:
    """`question` by `answer_type`, with the inputs of that type. 422 with what was typed when it is not right."""
    question, kind = find_question(case_id), request.form.get("answer_type", "")
    if kind not in list_types(question.answer_types, question.content):
        abort(400)
    form = type_answer(question.id, kind, request.form)
    store = open_uploads(current_settings().storage_url)
    given = read_typed(form, kind, question.content, request.files.getlist("files"), store)
    if given is None:
        return refuse_form(case_id, form)
    location = STAFF_LINKS.case(case_id)
    answer_question(case_id, question.id, kind, given, current_actor(location), current_desk())
    flash(_("The answer is on its way to the collection partner."))
    return see_other(location)


def find_question(case_id: int) -> PartnerQuestion:
    """The one the form names. NotFound unless it is about this case."""
    number = Form.typed("", request.form, ("question",)).read_number("question")
    found = db.session.get(PartnerQuestion, number) if 0 < number <= LARGEST_ID else None
    if found is None or found.case_id != case_id:
        raise NotFound(number)
    return found
