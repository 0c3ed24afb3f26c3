"""The case table, its filters in the address, its download: a vendor's home, and all vendors' cases for staff."""

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict

from dunning.records import db
from dunning.web.eligibility.panel import build_panel
from dunning.web.eligibility.point_views import arrange_points
from dunning.web.lists.filters import BadFilter, parse_filter
from dunning.web.request.current import current_desk
from dunning.web.request.scope import current_scope, find_dossier
from dunning.web.request.texts import gettext as _
from dunning.web.table.answers import answer_table
from dunning.web.table.back import find_back
from dunning.web.table.export import answer_csv
from dunning.web.table.list import CaseList, build_list
from dunning.web.table.rows import read_words
from dunning.web.words.errors import answer_error, describe_error

FILTER_FORM = "form#filter"  # how htmx names the element that asks

pages = Blueprint("cases", __name__)
pages.add_app_template_filter(arrange_points, "point_columns")
pages.add_app_template_global(read_words, "row_words")


@pages.app_errorhandler(BadFilter)
def refuse_filter(error: BadFilter) -> Response:
    """400 with the parameter that cannot be understood and a way back to the whole table."""
    return answer_error(400, describe_error(400)[0], str(error))


@pages.get("/cases")
def show_table() -> Response:
    """The table; `open` shows a case's panel without scripts."""
    desk, scope = current_desk(), current_scope()
    found = build_list(db.session(), request.args, scope, desk)
    panel = None
    if case_id := read_open(request.args):
        close_url = find_close_url(found, case_id)
        panel = build_panel(find_dossier(case_id), desk, close_url=close_url, staff=scope.staff)
    answer = answer_table(found, panel)
    if request.headers.get("HX-Source") == FILTER_FORM:
        # the form sends its empty fields too; the address bar gets the short form of it
        answer.headers["HX-Replace-Url"] = found.url
    return answer


@pages.get("/cases.csv")
def show_csv() -> Response:
    """The same query as a download; for staff each line with its vendor."""
    scope = current_scope()
    wanted = parse_filter(request.args, staff=scope.staff)
    return answer_csv(wanted, scope.vendor_id, current_desk().today)


@pages.get("/cases/<int:case_id>/eligibility")
def show_eligibility(case_id: int) -> str:
    """The panel alone, for the place below its row."""
    close_url = f"{find_back()}#case-{case_id}"
    dossier, staff = find_dossier(case_id), current_scope().staff
    panel = build_panel(dossier, current_desk(), close_url=close_url, staff=staff)
    return render_template("cases/_panel.html", panel=panel)


def read_open(args: MultiDict[str, str]) -> int | None:
    """The case whose panel is open. BadFilter when it is no number."""
    typed = args.get("open", "")
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 18):
        raise BadFilter(_("“%(value)s” is no value for “%(name)s”.", value=typed[:40], name="open"))
    return int(typed) if typed else None


def find_close_url(found: CaseList, case_id: int) -> str:
    """The same table with no panel open."""
    url = next((view.list_url for view in found.rows if view.row.id == case_id), found.clear_url)
    return f"{url}#case-{case_id}"
