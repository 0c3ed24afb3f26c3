"""Cancellation requests: what waits for support's decision, and what became of the others."""

from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, abort, flash, render_template, request
from werkzeug.datastructures import MultiDict

from dunning.actions.dossier.refusals import AlreadyDecided, ReasonMissing
from dunning.actions.to_partner.decide_request import approve_request, decline_request, note_refusal
from dunning.records import db
from dunning.web.admin.request_list import (
    PATH,
    build_request_list,
    label_asker,
    label_stage,
    label_wish,
)
from dunning.web.case.cancellation_card import describe_request
from dunning.web.request.answers import page_before, see_other, unprocessable
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.form import Form
from dunning.web.request.texts import gettext as _
from dunning.web.words.errors import answer_conflict

pages = Blueprint("admin_requests", __name__)
pages.add_app_template_filter(label_asker, "asker")
pages.add_app_template_filter(label_wish, "wish")
pages.add_app_template_filter(label_stage, "request_stage")
pages.add_app_template_filter(describe_request, "request_state")
APPROVE, DECLINE, REFUSED = "approve", "decline", "refused"


@pages.app_errorhandler(AlreadyDecided)
def refuse_decided(_error: AlreadyDecided) -> Response:
    """409: a colleague was faster, or it is moot."""
    return answer_conflict(_("This request does not wait for a decision any more. Reload the list."))


@pages.get("/admin/requests")
def show_requests() -> str:
    """Those that wait first, then the newest."""
    found = build_request_list(db.session(), request.args)
    return render_template("admin/requests.html", list=found, form=Form())


@pages.post("/admin/requests/<int:request_id>")
def decide(request_id: int) -> Response:
    """`decision`: approve, or decline with a `reason`, once; `refused` by the partner while it is under way."""
    decision = request.form.get("decision")
    if decision not in (APPROVE, DECLINE, REFUSED):
        abort(400)
    actor, desk = current_actor(find_list()), current_desk()
    form = Form.typed(request_id, request.form, ("reason",))
    if decision == APPROVE:
        approve_request(request_id, actor, desk)
        flash(_("The request is passed on to the collection partner."))
        return see_other(actor.location)
    try:
        (decline_request if decision == DECLINE else note_refusal)(
            request_id, form.values["reason"], actor, desk
        )
    except ReasonMissing:
        form.refuse("reason", _("Write down why: the vendor reads it."))
        return show_errors(form)
    flash(_("The request is declined."))
    return see_other(actor.location)


def show_errors(form: Form) -> Response:
    """422: the list again with what was typed."""
    args = MultiDict(parse_qsl(urlsplit(find_list()).query))
    return unprocessable("admin/requests.html", list=build_request_list(db.session(), args), form=form)


def find_list() -> str:
    """The list the form stood on."""
    back = page_before() or ""
    return back if urlsplit(back).path == PATH else PATH
