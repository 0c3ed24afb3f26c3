"""The vendor's settings page."""

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from dunning.actions.dossier.dossier import read_settings
from dunning.actions.dossier.refusals import NotFound, SettingsLocked
from dunning.actions.people.change_settings import change_settings, scheme_locked_until
from dunning.desk import Desk
from dunning.records import db
from dunning.records.people import IncassoSettings
from dunning.records.queries.vendors.settings import find_scheme_change, list_opened
from dunning.rules.gates import REMAINDERS, SCHEMES, THRESHOLDS
from dunning.web.account.settings_form import fill_settings, play_settings, read_wanted, type_settings
from dunning.web.request.answers import see_other
from dunning.web.request.current import current_actor, current_desk, current_person
from dunning.web.request.form import Form
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_day

pages = Blueprint("settings", __name__)
MOST_CASES = 100


@pages.get("/settings")
def show_settings() -> Response:
    """The form with what is saved."""
    saved = find_settings()
    return answer_page(saved, fill_settings(read_settings(saved)), current_desk(), 200)


@pages.post("/settings")
def save_settings() -> Response:
    """303 when saved; 422 with what was typed when it cannot be understood or the option is locked."""
    saved, desk = find_settings(), current_desk()
    form = type_settings(request.form, read_settings(saved))
    wanted = read_wanted(form, read_settings(saved))
    if wanted is None:
        return answer_page(saved, form, desk, 422)
    location = url_for("settings.show_settings")
    try:
        change_settings(saved.user_id, wanted, current_actor(location), desk)
    except SettingsLocked as locked:
        form.refuse("scheme", _("The option can be changed again on %(day)s.", day=write_day(locked.until)))
        return answer_page(find_settings(), form, desk, 422)
    flash(_("The settings are saved. They count for cases that open from now on."))
    return see_other(location)


def find_settings() -> IncassoSettings:
    """The settings of the vendor who is logged in."""
    settings = db.session.get(IncassoSettings, current_person().vendor_id, populate_existing=True)
    if settings is None:
        raise NotFound("settings")
    return settings


def answer_page(saved: IncassoSettings, form: Form, desk: Desk, status: int) -> Response:
    """The page; what the form would mean is told as far as the form can be understood."""
    session = db.session()
    present = read_settings(saved)
    wanted = read_wanted(Form(values=form.values), present) or present
    page = render_template(
        "settings/page.html",
        form=form,
        saved=saved,
        schemes=SCHEMES[1:],
        thresholds=THRESHOLDS,
        remainders=REMAINDERS,
        locked_until=scheme_locked_until(saved, desk.policy, desk.today),
        change=find_scheme_change(session, saved.user_id),
        lock_days=desk.policy.limits.settings_lock_days,
        small=desk.policy.remainder.forgive_under,
        least=desk.policy.remainder.handover_from,
        what_if=play_settings(wanted, list_opened(session, saved.user_id, MOST_CASES)),
    )
    return make_response(page, status)
