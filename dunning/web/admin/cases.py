"""All vendors' cases for support and admins: the same table, search and page, with support's names."""

from flask import Blueprint, Response, render_template, request

from dunning.records import db
from dunning.records.people import Vendor
from dunning.records.queries.cases.filter import LARGEST_ID, CaseFilter
from dunning.web.case.page import answer_progress, read_view
from dunning.web.case.support_form import SupportForm
from dunning.web.eligibility.panel import Panel, build_panel
from dunning.web.lists.filters import parse_filter
from dunning.web.request.answers import page_before
from dunning.web.request.current import current_desk
from dunning.web.table.export import answer_csv
from dunning.web.table.list import build_list
from dunning.web.table.pages import find_close_url, find_dossier, read_open

pages = Blueprint("admin_cases", __name__)
PATH = "/admin/cases"


@pages.get("/admin/cases")
def show_table() -> str:
    """The table; `open` shows a case's panel without scripts."""
    found = build_list(db.session(), request.args, None, current_desk(), path=PATH)
    case_id = read_open(request.args)
    panel = read_panel(case_id, find_close_url(found, case_id)) if case_id else None
    return render_template("admin/cases.html", list=found, opened=panel, vendor=find_vendor(found.wanted))


@pages.get("/admin/cases.csv")
def show_csv() -> Response:
    """The same query as a download, each line with its vendor."""
    return answer_csv(parse_filter(request.args), None, current_desk().today)


@pages.get("/admin/cases/<int:case_id>")
def show_case(case_id: int) -> str:
    """The case as the vendor sees it, with support's names and the notes of colleagues."""
    view = read_view(db.session(), case_id, None, current_desk())
    return render_template("case/page.html", view=view, support=SupportForm())


@pages.get("/admin/cases/<int:case_id>/progress")
def show_progress(case_id: int) -> Response:
    """The page asks whether the partner has answered."""
    view = read_view(db.session(), case_id, None, current_desk())
    return answer_progress(
        view, lambda view: render_template("case/page.html", view=view, support=SupportForm())
    )


@pages.get("/admin/cases/<int:case_id>/eligibility")
def show_eligibility(case_id: int) -> str:
    """The panel alone, for the place below its row."""
    table = page_before() or PATH
    return render_template("cases/_panel.html", panel=read_panel(case_id, f"{table}#case-{case_id}"))


def read_panel(case_id: int, close_url: str) -> Panel:
    """The points of any vendor's case; nothing can be changed from here. Raises NotFound."""
    return build_panel(find_dossier(case_id), current_desk(), close_url=close_url, staff=True)


def find_vendor(wanted: CaseFilter) -> Vendor | None:
    """Whose data is on screen, when the search is a vendor's user ID."""
    text = wanted.text
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST_ID):
        return None
    return db.session.get(Vendor, int(text))
