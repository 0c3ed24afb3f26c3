"""What a request from the table is answered with: the page, the panel alone, or the row with what goes with it."""

from flask import Response, make_response, render_template

from dunning.actions.dossier.refusals import NotFound
from dunning.desk import Desk
from dunning.records import db
from dunning.records.people import Vendor
from dunning.records.queries.cases.filter import LARGEST_ID, CaseFilter
from dunning.records.queries.cases.limitations import list_alarms
from dunning.records.queries.cases.table import CaseRow, find_row
from dunning.records.queries.cases.undoable import list_undoable
from dunning.records.queries.vendors.head import read_head
from dunning.web.eligibility.panel import Panel
from dunning.web.request.answers import unprocessable, wants_fragment
from dunning.web.request.current import current_desk
from dunning.web.request.scope import current_scope
from dunning.web.request.texts import gettext as _
from dunning.web.table.back import find_back, is_table, read_query
from dunning.web.table.list import CaseList, build_list, count_views
from dunning.web.table.rows import RowView
from dunning.web.words.partner_lines import list_paces
from dunning.web.words.settings import describe_settings


def answer_table(found: CaseList, panel: Panel | None, status: int = 200) -> Response:
    """The page, with a panel open or none; what stands above the table is for its reader."""
    if found.scope.vendor_id is None:
        vendors = {"vendor": read_vendor(found.wanted.vendor), "meant": find_meant(found.wanted)}
        page = render_template("admin/cases.html", list=found, opened=panel, **vendors)
    else:
        head = read_head(db.session(), found.scope.vendor_id)
        if head is None:
            raise NotFound(found.scope.vendor_id)
        words = describe_settings(head.settings)
        page = render_template(
            "cases/table.html",
            list=found,
            opened=panel,
            updated_at=head.updated_at,
            settings_words=words,
        )
    return make_response(page, status)


def read_vendor(vendor_id: int | None) -> Vendor | None:
    """Whose data alone is on screen."""
    return db.session.get(Vendor, vendor_id) if vendor_id else None


def find_meant(wanted: CaseFilter) -> Vendor | None:
    """The vendor whose user ID was searched for: order IDs begin with it as well, so it is only offered."""
    typed = wanted.text
    if wanted.vendor or not (typed.isascii() and typed.isdigit() and int(typed) <= LARGEST_ID):
        return None
    return read_vendor(int(typed))


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
    found = build_list(db.session(), read_query(back), current_scope(), current_desk())
    return answer_table(found, panel, status)


def answer_row(row: CaseRow, desk: Desk, said: str, panel: Panel | None = None) -> Response:
    """The row as it is now with all that goes with it; 422 when the panel says what is missing."""
    back = find_back()
    page = render_template(
        "cases/_answer.html",
        view=view_row(row, desk, back),
        panel=panel,
        said=said,
        views=count_views(db.session(), read_query(back), current_scope(), desk.today),
    )
    return make_response(page, 422 if panel else 200)


def answer_saved(panel: Panel, case_id: int, desk: Desk) -> Response:
    """The panel checked again, and its row: what waited for the address may have gone on."""
    view = view_row(read_row(case_id), desk, find_back())
    said = _("The address is saved. %(heading)s.", heading=panel.heading)
    return make_response(render_template("cases/_saved.html", panel=panel, view=view, said=said))


def view_row(row: CaseRow, desk: Desk, back: str) -> RowView:
    """The row with its present buttons."""
    session, scope = db.session(), current_scope()
    list_url = back if is_table(back) else scope.links.cases()
    return RowView(
        row,
        desk.today,
        scope,
        list_url,
        undoable=row.id in list_undoable(session, [row.id], desk.today),
        limitation=list_alarms(session, [row], desk.today).get(row.id),
        pace=list_paces(session, [row], desk.now).get(row.receivable_id, ""),
    )


def read_row(case_id: int) -> CaseRow:
    """The row, when the reader may see it; NotFound for another vendor's."""
    row = find_row(db.session(), case_id, current_scope().vendor_id)
    if row is None:
        raise NotFound(case_id)
    return row
