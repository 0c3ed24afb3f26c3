"""The vendor's home: the case table, its filters in the address, its download."""

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from dunning.actions.dossier.dossier import Dossier, read_dossiers
from dunning.actions.dossier.refusals import NotFound
from dunning.records import db
from dunning.records.queries.cases.case import find_receivable
from dunning.records.queries.vendors.head import read_head
from dunning.web.eligibility.panel import Panel, build_panel
from dunning.web.eligibility.point_views import arrange_points
from dunning.web.lists.filters import BadFilter, parse_filter
from dunning.web.request.current import current_desk, current_person
from dunning.web.request.texts import gettext as _
from dunning.web.table.export import answer_csv
from dunning.web.table.list import CaseList, build_list
from dunning.web.table.rows import read_words
from dunning.web.words.errors import answer_error, describe_error
from dunning.web.words.settings import describe_settings

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
    desk = current_desk()
    found = build_list(db.session(), request.args, current_person().vendor_id, desk)
    case_id = read_open(request.args)
    panel = (
        build_panel(find_dossier(case_id), desk, close_url=find_close_url(found, case_id))
        if case_id
        else None
    )
    answer = answer_table(found, panel)
    if request.headers.get("HX-Source") == FILTER_FORM:
        # the form sends its empty fields too; the address bar gets the short form of it
        answer.headers["HX-Replace-Url"] = found.url
    return answer


@pages.get("/cases.csv")
def show_csv() -> Response:
    """The same query as a download."""
    return answer_csv(parse_filter(request.args), current_person().vendor_id, current_desk().today)


def answer_table(found: CaseList, panel: Panel | None, status: int = 200) -> Response:
    """The page, with a panel open or none."""
    vendor_id = current_person().vendor_id
    head = read_head(db.session(), vendor_id or 0)
    if head is None:
        raise NotFound(vendor_id)
    page = render_template(
        "cases/table.html",
        list=found,
        opened=panel,
        updated_at=head.updated_at,
        settings_words=describe_settings(head.settings),
    )
    return make_response(page, status)


def read_open(args: MultiDict[str, str]) -> int | None:
    """The case whose panel is open. BadFilter when it is no number."""
    typed = args.get("open", "")
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 18):
        raise BadFilter(_("“%(value)s” is no value for “%(name)s”.", value=typed[:40], name="open"))
    return int(typed) if typed else None


def find_dossier(case_id: int) -> Dossier:
    """Everything on a case the reader may see. NotFound for another vendor's."""
    session = db.session()
    receivable_id = find_receivable(session, case_id, current_person().vendor_id)
    dossiers = read_dossiers(session, [receivable_id]) if receivable_id else []
    if not dossiers:
        raise NotFound(case_id)
    return dossiers[0]


def find_close_url(found: CaseList, case_id: int | None) -> str:
    """The same table with no panel open."""
    url = next((view.list_url for view in found.rows if view.row.id == case_id), found.clear_url)
    return f"{url}#case-{case_id}"
