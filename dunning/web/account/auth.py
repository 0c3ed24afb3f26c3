"""Log in, log out, and who the cookie belongs to."""

import datetime as dt
import hashlib

from flask import Blueprint, Flask, Response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from dunning.actions.people.login_sessions import (
    NOTE_EVERY,
    begin_session,
    end_session,
    find_session,
    note_seen,
)
from dunning.actions.people.passwords import find_user
from dunning.clock import read_now
from dunning.records import db
from dunning.web.request.answers import local_path, see_other, unprocessable
from dunning.web.request.current import Person
from dunning.web.request.extensions import limiter, logins
from dunning.web.request.scope import current_scope

FAILURES_PER_ACCOUNT = "10 per 15 minutes"
FAILURES_PER_ADDRESS = "30 per 15 minutes"

pages = Blueprint("auth", __name__)


def add_logins(app: Flask) -> None:
    """Binds Flask-Login to our table of sessions."""
    # a session is told by its token; a changed address (a train, a phone) does not end it
    logins.session_protection = None
    logins.init_app(app)
    logins.user_loader(load_person)
    app.register_blueprint(pages)


def load_person(token: str) -> Person | None:
    """Who the token in the cookie belongs to, as long as the login is alive."""
    now = read_now()
    found = find_session(db.session(), token, now)
    if found is None:
        return None
    person, seen_at = Person.from_user(found.user, token), found.seen_at
    if now - seen_at > NOTE_EVERY:
        note_seen(token, now)
    return person


def count_failure(response: Response) -> bool:
    """Only failed logins count towards the limits."""
    return response.status_code == 422


def name_account() -> str:
    """The account a login is for, without its address: the limits live outside the database."""
    return hashlib.sha256(request.form.get("email", "").strip().lower().encode()).hexdigest()


@pages.get("/")
def go_home() -> Response:
    """The page the day begins with: cases, for staff those of all vendors, for strangers the login."""
    return see_other(find_home())


def find_home() -> str:
    """The address of that page."""
    if not current_user.is_authenticated:
        return url_for("auth.show_login")
    return current_scope().links.cases()


@pages.get("/login")
def show_login() -> Response | str:
    """The form; whoever is logged in already goes on."""
    if current_user.is_authenticated:
        return see_other(find_home())
    return render_template("login.html", email="", next=local_path(request.args.get("next")), error="")


@pages.post("/login")
@limiter.limit(FAILURES_PER_ACCOUNT, key_func=name_account, deduct_when=count_failure)
@limiter.limit(FAILURES_PER_ADDRESS, deduct_when=count_failure)
def log_in() -> Response:
    """A new session under a new token, or the form again with one message for every kind of failure."""
    email, target = request.form.get("email", ""), local_path(request.form.get("next"))
    user = find_user(db.session(), email, request.form.get("password", ""))
    if user is None:
        error = _("The e-mail address or the password is wrong.")
        return unprocessable("login.html", email=email, next=target, error=error)
    person_id, now = user.id, read_now()
    forget_login(now)
    token = begin_session(person_id, now)
    login_user(load_person(token))
    return see_other(target or find_home())


@pages.post("/logout")
def log_out() -> Response:
    """Ends the session in the table, then empties the cookie."""
    forget_login(read_now())
    return see_other(url_for("auth.show_login"))


def forget_login(now: dt.datetime) -> None:
    """Ends whatever login this browser has; its old cookie opens nothing any more."""
    if current_user.is_authenticated:
        end_session(current_user.token, now)
        logout_user()
    session.clear()
