"""Asks for the end of a claim at the partner: by its vendor, or by support on the vendor's written request."""

from dataclasses import dataclass, replace

from flask import Blueprint, Response, flash, render_template, request, url_for

from dunning.actions.dossier.refusals import CannotRequest, ReasonMissing
from dunning.actions.to_partner.cancellation import request_cancellation
from dunning.records import db
from dunning.records.queries.cases.table import CaseRow
from dunning.rules.statuses import VENDOR, Refused
from dunning.web.case.cancellation_form import (
    OBSTACLE_LABELS,
    CancellationForm,
    offer_cancellation,
    trim_form,
)
from dunning.web.case.page import read_view
from dunning.web.case.support_form import SupportForm
from dunning.web.request.answers import see_other, unprocessable
from dunning.web.request.current import current_actor, current_desk, current_person
from dunning.web.request.texts import gettext as _
from dunning.web.table.actions import find_back, is_table, read_row
from dunning.web.table.pages import find_dossier
from dunning.web.words.errors import answer_conflict

pages = Blueprint("cancellation", __name__)


@dataclass(frozen=True)
class Question:
    """What the page that asks for the reason shows; `back` leads to where the vendor came from."""

    row: CaseRow
    cancellation: CancellationForm
    back: str


@pages.app_errorhandler(CannotRequest)
def refuse_request(error: CannotRequest) -> Response:
    """409 with the reason; the second half of a double click is shown what the first one did."""
    return answer_conflict(str(OBSTACLE_LABELS[error.reason]))


@pages.get("/cases/<int:case_id>/cancellation-request")
def ask(case_id: int) -> str:
    """Asks for the reason and names the price."""
    return render_template("cases/cancellation.html", **vars(read_question(case_id, find_back())))


@pages.post("/cases/<int:case_id>/cancellation-request")
def send(case_id: int) -> Response:
    """The vendor's own case."""
    back = find_back()
    location = f"{back}#case-{case_id}" if is_table(back) else back
    errors = {"reason": _("Write down why, for example the new order ID.")}
    if answer := request_end(case_id, location):
        return answer
    if not is_table(back):
        return show_errors(case_id, current_person().vendor_id, errors)
    question = read_question(case_id, back)
    question = replace(question, cancellation=question.cancellation.typed(request.form, errors))
    return unprocessable("cases/cancellation.html", **vars(question))


@pages.post("/admin/cases/<int:case_id>/cancellation-request")
def send_for_vendor(case_id: int) -> Response:
    """Any vendor's, with its written request, which is the reason."""
    errors = {"reason": _("Quote the vendor's written request here.")}
    answer = request_end(case_id, url_for("admin_cases.show_case", case_id=case_id))
    return answer or show_errors(case_id, None, errors)


def request_end(case_id: int, location: str) -> Response | None:
    """303 when asked, once per form; None when the reason is missing."""
    reason = trim_form(request.form)["reason"]
    try:
        request_cancellation(case_id, reason, current_actor(location), current_desk())
    except ReasonMissing:
        return None
    flash(_("The termination is asked for. It takes effect when the collection partner confirms it."))
    return see_other(location)


def read_question(case_id: int, back: str) -> Question:
    """Raises Refused where nothing is at the partner, NotFound for another vendor's."""
    row, dossier = read_row(case_id), find_dossier(case_id)
    assert dossier.case is not None  # noqa: S101 - it was found through its case
    form = offer_cancellation(db.session(), dossier.case, current_desk(), vip=dossier.vendor.vip)
    if form is None:
        raise Refused(row.status, "request_cancellation", VENDOR)
    return Question(row, form, back)


def show_errors(case_id: int, vendor_id: int | None, errors: dict[str, str]) -> Response:
    """The case's page again; nothing typed is lost."""
    view = read_view(db.session(), case_id, vendor_id, current_desk())
    if view.cancellation:
        view = replace(view, cancellation=view.cancellation.typed(request.form, errors))
    return unprocessable("case/page.html", view=view, support=SupportForm())
