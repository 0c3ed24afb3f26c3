"""What support does with a case: another status, a block and its end, a dispute, the address a buyer tells."""

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, flash, request

from dunning.actions.case.block import block_case, unblock_case
from dunning.actions.case.buyer_says import record_dispute, resolve_dispute
from dunning.actions.case.correct_address import correct_address
from dunning.actions.case.move_case import move_case
from dunning.actions.dossier.refusals import NotFound, ReasonMissing, RedPoints
from dunning.desk import Desk
from dunning.links import STAFF_LINKS
from dunning.records import db
from dunning.records.queries.cases.case import find_receivable
from dunning.web.case.support_form import check_support, read_until, type_support
from dunning.web.case.view import PAGE, read_view, refuse_form
from dunning.web.eligibility.address_form import check_address, read_address, type_address
from dunning.web.request.answers import see_other, unprocessable
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.form import Form
from dunning.web.request.texts import gettext as _
from dunning.web.words.point_labels import label_point
from dunning.work import Actor

pages = Blueprint("admin_case_actions", __name__)
Verb = Callable[[Actor, Desk, Form], None]


@pages.post("/admin/cases/<int:case_id>/status")
def change_status(case_id: int) -> Response:
    """By the verb that leads there; `handed_over` makes the handover due now."""

    def move(actor: Actor, desk: Desk, form: Form) -> None:
        given = {"reason": form.values["reason"], "request": form.values["request"]}
        move_case(case_id, form.values["status"], actor, desk, **given)

    return act(case_id, "status", move, _("The status is changed."))


@pages.post("/admin/cases/<int:case_id>/block")
def block(case_id: int) -> Response:
    """Pauses the case; the vendor sees reason and end, never the note."""

    def put(actor: Actor, desk: Desk, form: Form) -> None:
        block_case(
            case_id, form.values["reason"], actor, desk, until=read_until(form), note=form.values["note"]
        )

    return act(case_id, "block", put, _("The case is paused."))


@pages.post("/admin/cases/<int:case_id>/unblock")
def unblock(case_id: int) -> Response:
    """Goes on where it was; a dispute has to be settled first."""

    def lift(actor: Actor, desk: Desk, form: Form) -> None:
        unblock_case(case_id, actor, desk, reason=form.values["reason"])

    return act(case_id, "unblock", lift, _("The case goes on."))


@pages.post("/admin/cases/<int:case_id>/dispute")
def dispute(case_id: int) -> Response:
    """What the buyer contests; `resolved` when it is settled."""

    def note(actor: Actor, desk: Desk, form: Form) -> None:
        receivable_id = find_receivable(db.session(), case_id, None)
        if receivable_id is None:
            raise NotFound(case_id)
        settled = bool(form.values["resolved"])
        (resolve_dispute if settled else record_dispute)(receivable_id, form.values["text"], actor, desk)

    return act(case_id, "dispute", note, _("The dispute is noted."))


@pages.post("/admin/cases/<int:case_id>/address")
def save_address(case_id: int) -> Response:
    """Corrects the buyer's address, as the vendor can: what a letter that came back was waiting for."""
    location, desk = STAFF_LINKS.case(case_id), current_desk()
    view, form = read_view(case_id), type_address(request.form)
    if view.correction and not check_address(form, view.dossier.read_facts(), desk):
        typed = replace(view, correction=replace(view.correction, address=form))
        return unprocessable(PAGE, view=typed, form=form)
    correct_address(case_id, read_address(form), current_actor(location), desk)
    flash(_("The address is saved."))
    return see_other(location)


def act(case_id: int, kind: str, verb: Verb, said: str) -> Response:
    """303 when done; 422 with what was typed when something is missing or red. A wrong status is a 409."""
    location, desk = STAFF_LINKS.case(case_id), current_desk()
    form = type_support(kind, request.form)
    if check_support(form, desk.today):
        try:
            verb(current_actor(location), desk, form)
        except RedPoints as red:
            names = ", ".join(label_point(point.key) for point in red.points)
            form.refuse("status", _("Red: %(points)s", points=names))
        except ReasonMissing as missing:
            form.refuse(missing.field, describe_missing(missing.field))
    if form.errors:
        return refuse_form(case_id, form)
    flash(said)
    return see_other(location)


def describe_missing(field: str) -> str:
    """Why nothing was done."""
    if field == "request":
        return _("Without the vendor's written request this is the vendor's to do. Quote it here.")
    return _("Write down why.")
