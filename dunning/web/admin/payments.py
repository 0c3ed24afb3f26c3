"""Money that needs a person: payments without an order, overpaid receivables, payments booked by hand."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, flash, render_template, request
from werkzeug.datastructures import MultiDict

from dunning.actions.dossier.refusals import AlreadyAssigned, CannotAssign, NotFound
from dunning.actions.money.assign_payment import assign_payment, dismiss_payment
from dunning.actions.money.book_by_hand import book_by_hand
from dunning.actions.money.reverse_payment import reverse_payment
from dunning.desk import Desk
from dunning.links import STAFF_LINKS
from dunning.records import db
from dunning.records.queries.cases.case import list_payments
from dunning.rules.money import matching
from dunning.web.admin.booking_form import FIELDS, LONGEST_REASON, read_booking
from dunning.web.admin.payment_list import (
    PATH,
    REASON_LABELS,
    build_money_list,
    label_candidate,
    label_rate,
    label_why,
)
from dunning.web.case.view import refuse_form
from dunning.web.request.answers import page_before, see_other, unprocessable
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.form import Form
from dunning.web.request.scope import find_dossier
from dunning.web.request.texts import gettext as _
from dunning.web.words.errors import answer_conflict
from dunning.work import Actor

pages = Blueprint("admin_payments", __name__)
pages.add_app_template_filter(label_why, "why")
pages.add_app_template_filter(label_candidate, "candidate")
pages.add_app_template_filter(label_rate, "rate")
PAGE = "admin/payments.html"
MOST_RATES = 1_000


@pages.app_errorhandler(AlreadyAssigned)
def refuse_assigned(_error: AlreadyAssigned) -> Response:
    """409: a colleague was faster."""
    return answer_conflict(_("Somebody has dealt with this payment meanwhile. Reload the list."))


@pages.get("/admin/payments")
def show_payments() -> str:
    """Payments nobody could place, or with `view=overpaid` what came in too much."""
    return render_template(PAGE, list=build_money_list(db.session(), request.args))


@pages.post("/admin/payments/<int:payment_id>/assign")
def assign(payment_id: int) -> Response:
    """Books the payment on an order. 422 with what was typed when it does not fit there."""
    form = Form.typed(payment_id, request.form, ("order_id", "rate"))
    order_id, rate = form.values["order_id"], read_rate(form)

    def book(actor: Actor, desk: Desk) -> None:
        if not form.errors:
            assign_payment(payment_id, order_id, rate, actor, desk)

    return decide(form, book, _("The payment is booked on order %(order)s.", order=order_id))


def read_rate(form: Form) -> int | None:
    """The instalment; None for all of the order."""
    rate = form.read_number("rate")
    if form.values["rate"] and not 0 < rate < MOST_RATES:
        form.refuse("rate", _("An instalment is a number like 2."))
    return rate or None


@pages.post("/admin/payments/<int:payment_id>/dismiss")
def dismiss(payment_id: int) -> Response:
    """It is a payment that was reported before: it stays on record and is not booked."""

    form = Form.typed(payment_id, request.form, ("reason",), LONGEST_REASON)

    def drop(actor: Actor, desk: Desk) -> None:
        dismiss_payment(payment_id, form.values["reason"], actor, desk)

    return decide(form, drop, _("The payment is kept as reported before."))


def decide(form: Form, verb: Callable[[Actor, Desk], None], said: str) -> Response:
    """Does the verb once per form; 303 back to the list, 422 when the payment does not fit."""
    back = find_list()
    try:
        verb(current_actor(back), current_desk())
    except CannotAssign as refused:
        name = "rate" if refused.reason == matching.UNKNOWN_RATE else "order_id"
        form.refuse(name, describe_misfit(refused.reason))
    if form.errors:
        query = MultiDict(parse_qsl(urlsplit(back).query))
        return unprocessable(PAGE, list=build_money_list(db.session(), query, form))
    flash(said)
    return see_other(back)


def find_list() -> str:
    """The list the form stood on."""
    back = page_before() or ""
    return back if urlsplit(back).path == PATH else PATH


def describe_misfit(reason: str) -> str:
    """Why the payment cannot go there."""
    if reason == matching.SEVERAL_ORDERS:
        return _("Several orders read like this: write the order ID exactly.")
    return str(REASON_LABELS[reason])


@pages.post("/admin/cases/<int:case_id>/payments")
def book(case_id: int) -> Response:
    """Books money that support knows of; once per form."""
    location, desk = STAFF_LINKS.case(case_id), current_desk()
    form = Form.typed("payment", request.form, FIELDS, LONGEST_REASON)
    found = read_booking(form, desk.today)
    if found is None:
        return refuse_form(case_id, form)
    cents, value_date = found
    book_by_hand(case_id, cents, value_date, form.values["reason"], current_actor(location), desk)
    flash(_("The payment is booked."))
    return see_other(location)


@pages.post("/admin/cases/<int:case_id>/payments/<int:payment_id>/reverse")
def reverse(case_id: int, payment_id: int) -> Response:
    """Takes back a payment that was booked in error; a case that it had paid goes back to where it came from."""
    location, desk = STAFF_LINKS.case(case_id), current_desk()
    receivable_id = find_dossier(case_id).receivable.id
    if payment_id not in {line.payment_id for line in list_payments(db.session(), receivable_id)}:
        raise NotFound(payment_id)
    form = Form.typed(payment_id, request.form, ("reason",), LONGEST_REASON)
    reason = form.read_text("reason", _("Write down why."))
    if not reason:
        return refuse_form(case_id, form)
    reverse_payment(payment_id, reason, current_actor(location), desk)
    flash(_("The payment is taken back."))
    return see_other(location)
