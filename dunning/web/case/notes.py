"""Notes on a case: a vendor's are read by vendor and support, support's by support alone."""

from flask import Blueprint, Response, flash, request

from dunning.actions.case.add_note import add_note
from dunning.web.case.view import refuse_form
from dunning.web.request.answers import see_other
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.form import Form
from dunning.web.request.scope import current_scope
from dunning.web.request.texts import gettext as _

pages = Blueprint("notes", __name__)


@pages.post("/cases/<int:case_id>/notes")
def add(case_id: int) -> Response:
    """303 when kept, once per form; 422 when nothing was written. Far too long a text is cut."""
    form = Form.typed("note", request.form, ("text",))
    text = form.read_text("text", _("Write down what is to be noted."))
    if not text:
        return refuse_form(case_id, form)
    location = f"{current_scope().links.case(case_id)}#history"
    add_note(case_id, text, current_actor(location), current_desk())
    flash(_("The note is kept."))
    return see_other(location)
