"""Letters on paper: the print file of a day, what was posted, what came back."""

import datetime as dt
from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, make_response, render_template, request, url_for

from dunning.actions.dossier.refusals import WrongDay
from dunning.actions.letters.post_letters import mark_posted, mark_undeliverable
from dunning.actions.letters.renew_letters import renew_letters
from dunning.desk import Desk
from dunning.outside.press.print_file import merge_letters
from dunning.outside.storage import Storage
from dunning.records import db
from dunning.records.queries.letters.post import PostLine, find_day, list_printable
from dunning.running import current_settings
from dunning.web.admin.letter_list import ALL, OUTCOMES, build_letter_list
from dunning.web.request.answers import see_other, unprocessable
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.form import Form
from dunning.web.request.language import read_language
from dunning.web.request.texts import gettext as _
from dunning.web.request.texts import ngettext
from dunning.work import Actor

pages = Blueprint("admin_letters", __name__)
PAGE = "admin/letters.html"
FIELDS = ("date", "newest")


@pages.get("/admin/letters")
def show_letters() -> str:
    """The letters made on `day` (today), with `q` only those of an order or a name."""
    desk = current_desk()
    text = request.args.get("q", "").strip()[:200]
    return render_template(PAGE, list=build_letter_list(db.session(), read_day(desk), text, desk))


def read_day(desk: Desk) -> dt.date:
    """The day asked for, today without one; 400 for what is none."""
    asked = request.args.get("day", "").strip()
    try:
        return dt.date.fromisoformat(asked) if asked else desk.today
    except ValueError:
        abort(400)


def list_shown(day: dt.date, today: dt.date, desk: Desk) -> list[PostLine]:
    """The letters of a day to be printed; with `newest` those only that were made when the page was."""
    newest = request.values.get("newest", "")[:18]
    if newest and not newest.isdecimal():
        abort(400)
    letters = list_printable(db.session(), day, today, desk.policy)
    return [line for line in letters if not newest or line.letter_id <= int(newest)]


@pages.get("/admin/letters.pdf")
def show_print_file() -> Response:
    """The letters of a day as one PDF in postcode order; 404 when none is to be printed."""
    desk, session = current_desk(), db.session()
    day = read_day(desk)
    papers = [line.paper for line in list_shown(day, desk.today, desk)]
    session.rollback()  # merging takes its time: no transaction stays open for it
    if not papers:
        abort(404)
    answer = make_response(
        merge_letters(papers, day, read_language(), Storage(current_settings().storage_url))
    )
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="letters-{day}.pdf"'
    return answer


@pages.post("/admin/letters/print")
def prepare_print() -> Response:
    """Has letters that waited too long, or changed, made anew for today's print file."""
    desk, location = current_desk(), url_for("admin_letters.show_letters")
    made = renew_letters(current_actor(location), desk)
    flash(ngettext("%(num)s letter is made anew.", "%(num)s letters are made anew.", made))
    return see_other(location)


@pages.post("/admin/letters/posted")
def post_all() -> Response:
    """The letters of `day` (the `date` itself without one) were handed in at the post on `date`."""
    form = Form.typed(ALL, request.form, FIELDS)

    def note(on: dt.date, actor: Actor, desk: Desk) -> str:
        letters = list_shown(read_form_day() or on, on, desk)
        db.session.rollback()
        posted = mark_posted([line.letter_id for line in letters], on, actor, desk)
        return ngettext("%(num)s letter is noted as posted.", "%(num)s letters are noted as posted.", posted)

    return decide(form, read_form_day(), note)


@pages.post("/admin/letters/<int:letter_id>")
def post_one(letter_id: int) -> Response:
    """One letter was posted, or came back undeliverable, on `date`."""
    form, outcome = Form.typed(letter_id, request.form, FIELDS), request.form.get("outcome", "")
    if outcome not in OUTCOMES:
        abort(422)

    def note(on: dt.date, actor: Actor, desk: Desk) -> str:
        if outcome == "posted":
            mark_posted([letter_id], on, actor, desk)
            return _("The letter is noted as posted.")
        mark_undeliverable(letter_id, on, actor, desk)
        return _("The letter is noted as undeliverable; the address has to be corrected.")

    return decide(form, find_day(db.session(), letter_id), note)


def read_form_day() -> dt.date | None:
    """The day whose letters the form is about; None without one; 400 for what is none."""
    typed = request.form.get("day", "").strip()
    try:
        return dt.date.fromisoformat(typed) if typed else None
    except ValueError:
        abort(400)


def decide(form: Form, day: dt.date | None, note: Callable[[dt.date, Actor, Desk], str]) -> Response:
    """Does it once per form: 303 back to the day's list, 422 with what was typed when the date cannot be."""
    desk = current_desk()
    on = form.read_day("date", _("This is not a date. Write it like 2026-12-31."))
    shown = day or on or desk.today
    back = url_for("admin_letters.show_letters", day=shown.isoformat())
    if on:
        try:
            said = note(on, current_actor(back), desk)
        except WrongDay:
            form.refuse("date", _("A letter is posted, or comes back, on a day from its own to today."))
    if form.errors or not on:
        return unprocessable(PAGE, list=build_letter_list(db.session(), shown, "", desk, form))
    flash(said)
    return see_other(back)
