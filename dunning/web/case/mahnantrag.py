"""The Mahnantrag's data sheet of a case, as a page and as a PDF."""

from dataclasses import asdict, dataclass

from flask import Blueprint, Response, render_template

from dunning.actions.dossier.dossier import Dossier
from dunning.actions.dossier.refusals import NotFound
from dunning.outside.press.sheet_press import print_sheet
from dunning.records import db
from dunning.rules.court.application import may_show, prepare_application
from dunning.rules.money.reference import creditor_reference
from dunning.web.case.court_sheet import Sheet, write_sheet
from dunning.web.case.letter_press import press
from dunning.web.case.letters import answer_pdf
from dunning.web.request.current import current_desk
from dunning.web.request.scope import current_scope, find_dossier
from dunning.web.request.texts import gettext as _

pages = Blueprint("mahnantrag", __name__)
# somebody waits, but the engine starts anew for each sheet
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class SheetView:
    """The sheet with the case it is about."""

    case_id: int
    dossier: Dossier
    staff: bool
    sheet: Sheet


@pages.get("/cases/<int:case_id>/mahnantrag")
def show_sheet(case_id: int) -> str:
    """404 for another vendor's case and for one that does not lead to a court."""
    return render_template("case/mahnantrag.html", view=read_sheet(case_id))


@pages.get("/cases/<int:case_id>/mahnantrag.pdf")
def show_pdf(case_id: int) -> Response:
    """The same sheet to file away; made when asked for, kept nowhere."""
    sheet = read_sheet(case_id).sheet
    db.session.rollback()  # the press takes its time: no transaction stays open for it
    words = {
        "title": _("Mahnantrag: data sheet"),
        "order": _("Order %(order)s · as of %(day)s", order=sheet.order_id, day=sheet.day),
        "missing": _("Missing before it can be filed"),
        "complete": _("Nothing is missing: it can be filed."),
    }
    with press.take_turn():
        pdf = print_sheet("court", asdict(sheet) | {"words": words}, PATIENCE_SECONDS)
    return answer_pdf(pdf, f"mahnantrag-{case_id}")


def read_sheet(case_id: int) -> SheetView:
    """Reads and writes the sheet as of today. Raises NotFound."""
    staff, desk, dossier = current_scope().staff, current_desk(), find_dossier(case_id)
    facts = dossier.read_facts()
    if not may_show(facts, staff=staff):
        raise NotFound(case_id)
    claim = prepare_application(facts, desk.policy, desk.today)
    reference = creditor_reference(dossier.receivable.reference)
    return SheetView(case_id, dossier, staff, write_sheet(claim, facts, desk.policy, reference))
