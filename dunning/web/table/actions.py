"""What a vendor does with a case from the table or its page: Start, Cancel, Undo, correct the address.

Without scripts a form is answered with 303 back to the page it stood on. From a row of the table htmx asks for a
fragment: the row as it is now, its panel, a sentence for the live region and the saved views' new figures.
"""

from collections.abc import Callable

from flask import Blueprint, Response, flash, make_response, render_template, request

from dunning.actions.case.cancel import cancel_case
from dunning.actions.case.correct_address import correct_address
from dunning.actions.case.start import start_case
from dunning.actions.case.undo import undo_case
from dunning.actions.dossier.refusals import InReview, RedPoints
from dunning.desk import Desk
from dunning.links import VENDOR_LINKS
from dunning.records import db
from dunning.records.queries.cases.table import CaseRow
from dunning.rules.statuses import VENDOR, Refused
from dunning.web.eligibility.address_form import check_address, read_address, type_address
from dunning.web.eligibility.panel import asks_first, build_panel
from dunning.web.request.answers import see_other, wants_fragment
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.scope import current_scope, find_dossier
from dunning.web.request.texts import gettext as _
from dunning.web.table.answers import answer_panel, answer_red, answer_row, answer_saved, read_row, view_row
from dunning.web.table.back import close_panel, find_back, find_place, read_query
from dunning.web.table.list import count_views
from dunning.web.words.errors import answer_conflict
from dunning.work import Actor

pages = Blueprint("case_actions", __name__)


@pages.app_errorhandler(InReview)
def refuse_frozen(_error: InReview) -> Response:
    """409: the claim is at the partner. Who wanted to cancel may ask the partner for it."""
    advice = _("The collection partner is reviewing the claim. Until it answers the case stays as it is.")
    offer = ("", "")
    if request.endpoint == "case_actions.cancel":
        case_id = (request.view_args or {})["case_id"]
        offer = (VENDOR_LINKS.case(case_id, "cancellation-request"), _("Ask for the termination …"))
    return answer_conflict(advice, offer)


@pages.get("/cases/<int:case_id>/row")
def show_row(case_id: int) -> Response:
    """The row asks whether the partner has answered: 204 while it has not, so that nothing on screen moves."""
    desk, back = current_desk(), find_back()
    view = view_row(read_row(case_id), desk, back)
    if view.pace and request.args.get("seen") == view.mark:
        return Response(status=204)
    views = count_views(db.session(), read_query(back), current_scope(), desk.today)
    return make_response(render_template("cases/_own_row.html", view=view, views=views))


@pages.get("/cases/<int:case_id>/start")
def ask_start(case_id: int) -> str:
    """Asks before a handover and names what taking it back costs. Refused where Start hands nothing over."""
    row, fee = read_row(case_id), current_desk().policy.cancellation.vendor_fee
    if not asks_first(find_dossier(case_id).read_facts()):
        raise Refused(row.status, "start", VENDOR)
    return render_template("cases/start.html", row=row, fee=fee, back=find_back())


@pages.post("/cases/<int:case_id>/start")
def start(case_id: int) -> Response:
    """Start: consent to all of it. Red points: 422 and the panel that shows them."""
    return act(case_id, start_case, lambda row: _("Dunning has started: %(name)s.", name=row.name))


@pages.post("/cases/<int:case_id>/cancel")
def cancel(case_id: int) -> Response:
    """Cancel, before the handover."""
    return act(case_id, cancel_case, lambda row: _("Dunning has ended: %(name)s.", name=row.name))


@pages.post("/cases/<int:case_id>/undo")
def undo(case_id: int) -> Response:
    """Takes the last Start or Cancel back, as long as that works."""
    return act(case_id, undo_case, lambda row: _("Undone: %(name)s.", name=row.name))


def act(case_id: int, verb: Callable[[int, Actor, Desk], None], tell: Callable[[CaseRow], str]) -> Response:
    """Does the verb once per form and answers with what came of it."""
    back, desk = find_back(), current_desk()
    location = find_place(back, case_id)
    try:
        verb(case_id, current_actor(location), desk)
    except RedPoints:
        panel = build_panel(find_dossier(case_id), desk, close_url=close_panel(back))
        return answer_red(panel, case_id, back)
    row = read_row(case_id)
    if wants_fragment():
        return answer_row(row, desk, tell(row))
    flash(tell(row))
    return see_other(location)


@pages.post("/cases/<int:case_id>/address")
def save_address(case_id: int) -> Response:
    """Corrects the address and checks again: the panel answers, with Start when all is green."""
    back, desk, dossier = find_back(), current_desk(), find_dossier(case_id)
    form = type_address(request.form)
    if not check_address(form, dossier.read_facts(), desk):
        panel = build_panel(dossier, desk, address=form, close_url=close_panel(back))
        return answer_panel(panel, back, 422)
    location = find_place(back, case_id, open=str(case_id))
    correct_address(case_id, read_address(form), current_actor(location), desk)
    if not wants_fragment():
        flash(_("The address is saved."))
        return see_other(location)
    return answer_saved(build_panel(find_dossier(case_id), desk, close_url=close_panel(back)), case_id, desk)
