"""The e-mail outbox: what is in doubt and waits for a person, what is under way, failed or sent."""

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, flash, render_template, request
from flask_babel import lazy_gettext as _l

from dunning.actions.dossier.refusals import NotInDoubt
from dunning.actions.letters.decide_mail import (
    confirm_mail,
    drop_notice,
    repeat_failed,
    repeat_mail,
    undo_repeat,
)
from dunning.desk import Desk
from dunning.records import db
from dunning.records.queries.letters.mails import list_failed, list_undoable
from dunning.web.admin.mail_list import PATH, build_mail_list, label_mail
from dunning.web.lists.filters import parse_filter
from dunning.web.request.answers import page_before, see_other
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.texts import gettext as _
from dunning.web.request.texts import ngettext
from dunning.web.words.errors import answer_conflict
from dunning.work import Actor

Verb = Callable[[int, Actor, Desk], None]

pages = Blueprint("admin_mail", __name__)
pages.add_app_template_filter(label_mail, "mail")
# of one click: each is a transaction of its own
MOST_AT_ONCE = 1000
VERBS: dict[str, Verb] = {"sent": confirm_mail, "again": repeat_mail, "drop": drop_notice}
SAID = {
    "sent": _l("The e-mail counts as sent."),
    "again": _l("The e-mail goes out again."),
    "drop": _l("The e-mail is not sent any more."),
}


@pages.app_errorhandler(NotInDoubt)
def refuse_decided(_error: NotInDoubt) -> Response:
    """409: a colleague was faster."""
    return answer_conflict(_("This e-mail is not in doubt any more. Reload the list."))


@pages.get("/admin/mail")
def show_mail() -> str:
    """What is in doubt, or with `state` what waits, failed or was sent."""
    shown, now = build_mail_list(db.session(), request.args), current_desk().now
    undoable = list_undoable(db.session(), shown.wanted, now, MOST_AT_ONCE)
    return render_template("admin/mail.html", list=shown, undoable=len(undoable))


@pages.post("/admin/mail/<int:effect_id>")
def decide(effect_id: int) -> Response:
    """`decision`: the mail counts as `sent`, goes out `again` or not (`drop`); 409 when it was decided already."""
    decision = request.form.get("decision", "")
    if decision not in VERBS:
        abort(400)
    back = find_list()
    VERBS[decision](effect_id, current_actor(back), current_desk())
    flash(str(SAID[decision]))
    return see_other(back)


@pages.post("/admin/mail/again")
def repeat_all() -> Response:
    """Failed mails that fit the form's filter (`q`, `vendor`) go out again: MOST_AT_ONCE, the longest waiting first.

    With `decision` undo those that were to do so and have not begun to have failed as before.
    """
    back, desk, wanted = find_list(), current_desk(), parse_filter(request.form, staff=True)
    if request.form.get("decision") == "undo":
        effect_ids = list_undoable(db.session(), wanted, desk.now, MOST_AT_ONCE)
        undo_repeat(effect_ids, current_actor(back), desk)
        return see_other(back)
    effect_ids = list_failed(db.session(), wanted, MOST_AT_ONCE)
    repeated = repeat_failed(effect_ids, current_actor(back), desk)
    flash(ngettext("%(num)s e-mail goes out again.", "%(num)s e-mails go out again.", repeated))
    return see_other(back)


def find_list() -> str:
    """The list the form stood on."""
    back = page_before() or ""
    return back if urlsplit(back).path == PATH else PATH
