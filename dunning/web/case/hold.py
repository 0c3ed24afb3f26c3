"""Holds a case at the partner: by its vendor, or by support on the vendor's written request."""

from flask import Blueprint, Response, flash, request

from dunning.actions.dossier.refusals import ReasonMissing
from dunning.actions.to_partner.hold_case import HoldRunning, hold_case
from dunning.rules.partner.hold import ONE_DAY
from dunning.web.case.view import refuse_form
from dunning.web.request.answers import see_other
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.form import Form
from dunning.web.request.scope import current_scope
from dunning.web.request.texts import gettext as _
from dunning.web.words.errors import answer_conflict
from dunning.web.words.formats import write_day

pages = Blueprint("hold", __name__)


@pages.app_errorhandler(HoldRunning)
def refuse_second(running: HoldRunning) -> Response:
    """409 with the day until which it is held."""
    advice = _(
        "The case is on hold until %(day)s. The next hold can begin on %(next)s.",
        day=write_day(running.until),
        next=write_day(running.until + ONE_DAY),
    )
    return answer_conflict(advice)


@pages.post("/cases/<int:case_id>/hold")
def hold(case_id: int) -> Response:
    """303 when done, once per form; 422 with what was typed when a number or, for staff, the request is missing."""
    location, desk = current_scope().links.case(case_id), current_desk()
    form = Form.typed("hold", request.form, ("days", "request"))
    days, quoted = form.read_number("days"), form.values["request"]
    try:
        until = hold_case(case_id, days, current_actor(location), desk, request=quoted)
    except ValueError:
        form.refuse("days", _("A hold is 1 to %(days)s days long.", days=desk.policy.limits.hold_days))
        return refuse_form(case_id, form)
    except ReasonMissing:
        form.refuse("request", _("Quote the vendor's written request here."))
        return refuse_form(case_id, form)
    flash(_("The case is on hold until %(day)s.", day=write_day(until)))
    return see_other(location)
