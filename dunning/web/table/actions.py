"""What a vendor does with a case from the table or its page: Start, Cancel, Undo, correct the address.

Without scripts a form is answered with 303 back to the page it stood on. From a row of the table htmx asks for a
fragment: the row as it is now, its panel, a sentence for the live region and the saved views' new figures.
"""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from dunning.actions.case.cancel import cancel_case
from dunning.actions.case.correct_address import correct_address
from dunning.actions.case.start import start_case
from dunning.actions.case.undo import undo_case
from dunning.actions.dossier.refusals import InReview, NotFound, RedPoints
from dunning.desk import Desk
from dunning.records import db
from dunning.records.queries.cases.limitations import list_alarms
from dunning.records.queries.cases.table import CaseRow, find_row
from dunning.records.queries.cases.undoable import list_undoable
from dunning.rules.statuses import VENDOR, Refused
from dunning.web.eligibility.address_form import AddressForm
from dunning.web.eligibility.panel import Panel, asks_first, build_panel
from dunning.web.lists.filters import BadFilter, parse_filter
from dunning.web.request.answers import (
    local_path,
    page_before,
    see_other,
    unprocessable,
    wants_fragment,
)
from dunning.web.request.current import current_actor, current_desk, current_person
from dunning.web.request.texts import gettext as _
from dunning.web.table.list import build_list, count_views
from dunning.web.table.pages import answer_table, find_dossier
from dunning.web.table.rows import RowView
from dunning.web.words.errors import answer_conflict
from dunning.web.words.partner_lines import list_paces
from dunning.work import Actor

pages = Blueprint("case_actions", __name__)
TABLE = "/cases"


@pages.app_errorhandler(InReview)
def refuse_frozen(_error: InReview) -> Response:
    """409: the claim is at the partner. Who wanted to cancel may ask the partner for it."""
    advice = _("The collection partner is reviewing the claim. Until it answers the case stays as it is.")
    offer = ("", "")
    if request.endpoint == "case_actions.cancel":
        offer = (url_for("cancellation.ask", **request.view_args or {}), _("Ask for the termination …"))
    return answer_conflict(advice, offer)


@pages.get("/cases/<int:case_id>/eligibility")
def show_eligibility(case_id: int) -> str:
    """The panel alone, for the place below its row."""
    panel = build_panel(find_dossier(case_id), current_desk(), close_url=find_back())
    return render_template("cases/_panel.html", panel=panel)


@pages.get("/cases/<int:case_id>/row")
def show_row(case_id: int) -> Response:
    """The row asks whether the partner has answered: 204 while it has not, so that nothing on screen moves."""
    desk, back = current_desk(), find_back()
    view = view_row(read_row(case_id), desk, back)
    if view.pace and request.args.get("seen") == view.mark:
        return Response(status=204)
    views = count_views(db.session(), read_query(back), view.row.vendor_id, desk.today)
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
    location = f"{back}#case-{case_id}" if is_table(back) else back
    try:
        verb(case_id, current_actor(location), desk)
    except RedPoints:
        return answer_red(
            build_panel(find_dossier(case_id), desk, close_url=close_panel(back)), case_id, back
        )
    row = read_row(case_id)
    if wants_fragment():
        return answer_row(row, desk, tell(row))
    flash(tell(row))
    return see_other(location)


@pages.post("/cases/<int:case_id>/address")
def save_address(case_id: int) -> Response:
    """Corrects the address and checks again: the panel answers, with Start when all is green."""
    back, desk, dossier = find_back(), current_desk(), find_dossier(case_id)
    form = AddressForm.typed(request.form)
    if not form.check(dossier.read_facts(), desk):
        panel = build_panel(dossier, desk, address=form, close_url=close_panel(back))
        return answer_panel(panel, back, 422)
    location = f"{add_query(back, open=str(case_id))}#case-{case_id}" if is_table(back) else back
    correct_address(case_id, form.address, current_actor(location), desk)
    if not wants_fragment():
        flash(_("The address is saved."))
        return see_other(location)
    return answer_saved(build_panel(find_dossier(case_id), desk, close_url=close_panel(back)), case_id, desk)


# answers -------------------------------------------------------------------------------------------------


def answer_red(panel: Panel, case_id: int, back: str) -> Response:
    """422 with the red points; the status is as it was."""
    if wants_fragment():
        return answer_row(read_row(case_id), current_desk(), panel.heading, panel)
    return answer_panel(panel, back, 422)


def answer_panel(panel: Panel, back: str, status: int) -> Response:
    """The page the form stood on with the panel open; for scripts the panel alone."""
    if wants_fragment():
        return make_response(render_template("cases/_panel.html", panel=panel), status)
    if not is_table(back):
        return unprocessable("cases/eligibility.html", panel=panel, back=back)
    found = build_list(db.session(), read_query(back), current_person().vendor_id, current_desk())
    return answer_table(found, panel, status)


def answer_row(row: CaseRow, desk: Desk, said: str, panel: Panel | None = None) -> Response:
    """The row as it is now with all that goes with it; 422 when the panel says what is missing."""
    back = find_back()
    page = render_template(
        "cases/_answer.html",
        view=view_row(row, desk, back),
        panel=panel,
        said=said,
        views=count_views(db.session(), read_query(back), row.vendor_id, desk.today),
    )
    return make_response(page, 422 if panel else 200)


def answer_saved(panel: Panel, case_id: int, desk: Desk) -> Response:
    """The panel checked again, and its row: what waited for the address may have gone on."""
    view = view_row(read_row(case_id), desk, find_back())
    said = _("The address is saved. %(heading)s.", heading=panel.heading)
    return make_response(render_template("cases/_saved.html", panel=panel, view=view, said=said))


def view_row(row: CaseRow, desk: Desk, back: str) -> RowView:
    """The row with its present buttons."""
    undoable = row.id in list_undoable(db.session(), [row.id], desk.today)
    limitation = list_alarms(db.session(), [row], desk.today).get(row.id)
    list_url = back if is_table(back) else TABLE
    pace = list_paces(db.session(), [row], desk.now).get(row.receivable_id, "")
    return RowView(row, desk.today, list_url, undoable=undoable, limitation=limitation, pace=pace)


def read_row(case_id: int) -> CaseRow:
    """The vendor's own row; NotFound for another's."""
    row = find_row(db.session(), case_id, current_person().vendor_id)
    if row is None:
        raise NotFound(case_id)
    return row


# where the form stood ------------------------------------------------------------------------------------


def find_back() -> str:
    """The table as it was filtered, or the case's page; the whole table when that is not known."""
    target = local_path(request.values.get("back")) or page_before() or TABLE
    path = urlsplit(target).path
    if is_table(target):
        return add_query(target)
    inside = path.removeprefix(f"{TABLE}/")
    return path if inside != path and inside.isdigit() else TABLE


def is_table(target: str) -> bool:
    """Whether an address of ours is the table."""
    return urlsplit(target).path == TABLE


def close_panel(back: str) -> str:
    """Where the panel's Close leads; a panel that is a page of its own has none."""
    return back if is_table(back) else ""


def add_query(target: str, **added: str) -> str:
    """The address with parameters added and none open; its fragment goes."""
    parts = urlsplit(target)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != "open"]
    query = urlencode([*kept, *added.items()])
    return f"{parts.path}?{query}" if query else parts.path


def read_query(back: str) -> MultiDict[str, str]:
    """The table's parameters; of an address nobody can read any more none."""
    args: MultiDict[str, str] = MultiDict(parse_qsl(urlsplit(back).query))
    try:
        parse_filter(args)
    except BadFilter:
        return MultiDict()
    return args
