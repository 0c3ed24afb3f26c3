"""A forgotten password: ask for a link, and set a new password with it. The answer never tells who has an account."""

from flask import Blueprint, Response, flash, render_template, request, url_for

from dunning.actions.people.password_reset import LinkExpired, ask_reset, find_holder, reset_password
from dunning.actions.people.passwords import LONGEST, SHORTEST, CommonPassword, WeakPassword
from dunning.clock import read_now
from dunning.records import db
from dunning.running import current_settings
from dunning.web.account.auth import forget_login, name_account
from dunning.web.request.answers import see_other, unprocessable
from dunning.web.request.current import current_desk
from dunning.web.request.extensions import limiter
from dunning.web.request.language import read_language
from dunning.web.request.texts import gettext as _
from dunning.web.words.errors import answer_error

ASKED_PER_ACCOUNT = "10 per 15 minutes"
ASKED_PER_ADDRESS = "30 per 15 minutes"
PAGE = "password/reset.html"

pages = Blueprint("password", __name__)


@pages.app_errorhandler(LinkExpired)
def refuse_link(_error: LinkExpired) -> Response:
    """410: used, too old, or never ours; a new one is easily had."""
    advice = _("It works once, for 60 minutes. Ask for a new one on the login page.")
    return answer_error(410, _("This link does not work any more"), advice)


@pages.get("/password/forgot", endpoint="ask_reset")
def ask_link() -> str:
    """The form that asks for the address."""
    return render_template("password/forgot.html")


@pages.post("/password/forgot")
@limiter.limit(ASKED_PER_ACCOUNT, key_func=name_account)
@limiter.limit(ASKED_PER_ADDRESS)
def send_link() -> Response:
    """The same answer whether somebody has this address or not; the mail is made later, by a worker."""
    ask_reset(request.form.get("email", ""), read_language(), current_desk())
    flash(_("If there is an account with this address, a link is on its way to it."))
    return see_other(url_for("auth.show_login"))


@pages.get("/password/reset/<token>")
def show_reset(token: str) -> str:
    """The form for the new password. 410 for a link that opens nothing."""
    find_holder(db.session(), token, current_settings().secret_key, read_now())
    return render_template(PAGE, token=token, errors={})


@pages.post("/password/reset/<token>")
@limiter.limit(ASKED_PER_ADDRESS)
def save_password(token: str) -> Response:
    """Sets it, ends every login of the user and leads to the login; 422 with the rule it breaks."""
    secret, now = current_settings().secret_key, read_now()
    find_holder(db.session(), token, secret, now)
    try:
        reset_password(token, request.form.get("password", ""), secret, now)
    except WeakPassword as weak:
        return unprocessable(PAGE, token=token, errors={"password": describe_weakness(weak)})
    forget_login(now)
    flash(_("The new password is set. Log in with it."))
    return see_other(url_for("auth.show_login"))


def describe_weakness(weak: WeakPassword) -> str:
    """The rule the password breaks."""
    if isinstance(weak, CommonPassword):
        return _("This password is used by many and guessed first. Choose another.")
    return _("A password has %(least)s to %(most)s characters.", least=SHORTEST, most=LONGEST)
