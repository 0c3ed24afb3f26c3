"""Notes on a case: a vendor's are read by vendor and support, support's by support alone."""

from dataclasses import replace

from flask import Blueprint, Response, flash, request, url_for

from dunning.actions.case.add_note import add_note
from dunning.records import db
from dunning.web.case.page import read_view
from dunning.web.case.support_form import LONGEST, SupportForm
from dunning.web.request.answers import see_other, unprocessable
from dunning.web.request.current import current_actor, current_desk, current_person
from dunning.web.request.texts import gettext as _

pages = Blueprint("notes", __name__)


@pages.post("/cases/<int:case_id>/notes")
def add_own(case_id: int) -> Response:
    """On the vendor's own case."""
    page = url_for("case.show_case", case_id=case_id, _anchor="history")
    return act(case_id, current_person().vendor_id, page)


@pages.post("/admin/cases/<int:case_id>/notes")
def add_internal(case_id: int) -> Response:
    """On any case; no vendor sees it."""
    return act(case_id, None, url_for("admin_cases.show_case", case_id=case_id, _anchor="history"))


def act(case_id: int, vendor_id: int | None, location: str) -> Response:
    """303 when kept, once per form; 422 when nothing was written. Far too long a text is cut."""
    desk, text = current_desk(), request.form.get("text", "").strip()[:LONGEST]
    if not text:
        view = read_view(db.session(), case_id, vendor_id, desk)
        view = replace(view, note_error=_("Write down what is to be noted."))
        return unprocessable("case/page.html", view=view, support=SupportForm())
    add_note(case_id, text, current_actor(location), desk)
    flash(_("The note is kept."))
    return see_other(location)
