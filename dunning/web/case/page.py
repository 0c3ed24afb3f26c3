"""The page of one case: what is owed and why, what happened, what comes, and what can be done."""

from flask import Blueprint, Response, make_response, render_template, request

from dunning.web.case.view import PAGE, read_view
from dunning.web.request.form import Form
from dunning.web.words.claim_lines import label_entry
from dunning.web.words.step_labels import label_step

pages = Blueprint("case", __name__)
pages.add_app_template_filter(label_step, "step")
pages.add_app_template_filter(label_entry, "entry")


@pages.get("/cases/<int:case_id>")
def show_case(case_id: int) -> str:
    """A vendor's own case; staff read any, with support's names and the notes of colleagues."""
    return render_template(PAGE, view=read_view(case_id), form=Form())


@pages.get("/cases/<int:case_id>/progress")
def show_progress(case_id: int) -> Response:
    """The page asks whether the partner has answered: 204 while nothing is new, so that nothing moves."""
    view = read_view(case_id)
    partner = view.at_partner.block
    if partner and partner.pace and request.args.get("seen") == partner.mark:
        return Response(status=204)
    return make_response(render_template(PAGE, view=view, form=Form()))
