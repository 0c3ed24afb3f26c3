"""Asks for the end of a claim at the partner: by its vendor, or by support on the vendor's written request."""

from dataclasses import dataclass

from flask import Blueprint, Response, flash, render_template, request

from dunning.actions.dossier.refusals import CannotRequest, ReasonMissing
from dunning.actions.to_partner.cancellation import request_cancellation
from dunning.records import db
from dunning.records.queries.cases.table import CaseRow
from dunning.rules.statuses import VENDOR, Refused
from dunning.web.case.cancellation_card import (
    OBSTACLE_LABELS,
    CancellationCard,
    offer_cancellation,
)
from dunning.web.case.view import refuse_form
from dunning.web.request.answers import see_other, unprocessable
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.form import Form
from dunning.web.request.scope import current_scope, find_dossier
from dunning.web.request.texts import gettext as _
from dunning.web.table.answers import read_row
from dunning.web.table.back import find_back, find_place, is_table
from dunning.web.words.errors import answer_conflict

pages = Blueprint("cancellation", __name__)
vendor_pages = Blueprint("cancellation_question", __name__)


@dataclass(frozen=True)
class Question:
    """What the page that asks for the reason shows; `back` leads to where the vendor came from."""

    row: CaseRow
    cancellation: CancellationCard
    back: str


@pages.app_errorhandler(CannotRequest)
def refuse_request(error: CannotRequest) -> Response:
    """409 with the reason; the second half of a double click is shown what the first one did."""
    return answer_conflict(str(OBSTACLE_LABELS[error.reason]))


@vendor_pages.get("/cases/<int:case_id>/cancellation-request")
def ask(case_id: int) -> str:
    """Asks for the reason and names the price."""
    return render_template(
        "cases/cancellation.html", **vars(read_question(case_id, find_back())), form=Form()
    )


@pages.post("/cases/<int:case_id>/cancellation-request")
def send(case_id: int) -> Response:
    """303 when asked, once per form; 422 without the reason, which for staff is the vendor's written request."""
    scope, form = current_scope(), Form.typed("cancellation", request.form, ("reason",))
    # only a vendor's table has this form too
    back = scope.links.case(case_id) if scope.staff else find_back()
    location = find_place(back, case_id)
    try:
        request_cancellation(case_id, form.values["reason"], current_actor(location), current_desk())
    except ReasonMissing:
        return ask_again(case_id, back, form)
    flash(_("The termination is asked for. It takes effect when the collection partner confirms it."))
    return see_other(location)


def read_question(case_id: int, back: str) -> Question:
    """Raises Refused where nothing is at the partner, NotFound for another vendor's."""
    row, dossier = read_row(case_id), find_dossier(case_id)
    assert dossier.case is not None  # noqa: S101 - it was found through its case
    card = offer_cancellation(db.session(), dossier.case, current_desk(), vip=dossier.vendor.vip)
    if card is None:
        raise Refused(row.status, "request_cancellation", VENDOR)
    return Question(row, card, back)


def ask_again(case_id: int, back: str, form: Form) -> Response:
    """422: the page the form stood on again; nothing typed is lost."""
    quote, why = (
        _("Quote the vendor's written request here."),
        _("Write down why, for example the new order ID."),
    )
    form.refuse("reason", quote if current_scope().staff else why)
    if is_table(back):
        return unprocessable("cases/cancellation.html", **vars(read_question(case_id, back)), form=form)
    return refuse_form(case_id, form)
