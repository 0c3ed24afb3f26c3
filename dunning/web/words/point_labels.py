"""What the eligibility's groups and points are called, and their sentences with the values seen."""

import datetime as dt
from collections.abc import Callable

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from dunning.rules.course.points import Point
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_country, write_day, write_money

POINT_LABELS = {
    "is_one_off": _l("One-off purchase"),
    "is_instalment": _l("Instalment"),
    "charged_back": _l("Chargeback"),
    "order_exists": _l("Order"),
    "not_test": _l("Test order"),
    "not_refunded": _l("Refunded"),
    "not_cancelled": _lp("order", "Cancelled"),
    "open_amount": _l("Open"),
    "currency": _l("Currency"),
    "method_allowed": _l("Payment method"),
    "no_dispute": _l("Dispute"),
    "due_date_known": _l("Due date"),
    "due_date_passed": _l("Overdue"),
    "dunning_date_reached": _l("Dunning date"),
    "name": _l("Name"),
    "street": _l("Street"),
    "house_number": _l("House number"),
    "zipcode": _l("Postcode"),
    "city": _l("City"),
    "country": _l("Country"),
    "email": _l("E-mail"),
    "vendor_active": _lp("vendor", "Account"),
    "scheme_chosen": _l("Dunning option"),
    "letters_sent": _l("Two letters"),
    "deadline_passed": _l("Last deadline"),
    "not_blocked": _lp("point", "Block"),
    "not_time_barred": _l("Limitation"),
}
METHOD_LABELS = {
    "invoice": _l("Invoice"),
    "sepa": _l("Direct debit"),
    "credit_card": _l("Credit card"),
    "paypal": _l("PayPal"),
    "sofort": _l("Sofort"),
    "test": _lp("payment method", "Test"),
}
TROUBLE_LABELS = {
    "unpaid": _lp("payment", "unpaid"),
    "failed": _lp("payment", "failed"),
    "charged_back": _lp("payment", "charged back"),
}


def label_point(key: str) -> str:
    """The point by its name."""
    return str(POINT_LABELS[key])


def label_method(method: str) -> str:
    """The payment method by its name; one we do not know as it came."""
    return str(METHOD_LABELS.get(method, method))


def _label_countries(codes: str) -> str:
    return ", ".join(write_country(code) for code in codes.split(", "))


_WRITERS: dict[str, Callable[[str], str]] = {
    "method": label_method,
    "country": write_country,
    "countries": _label_countries,
    "trouble": lambda key: str(TROUBLE_LABELS.get(key, key)),
}


def describe_point(point: Point) -> str:
    """The sentence with the value seen."""
    values = {name: _write_value(name, value) for name, value in point.values.items()}
    return _(point.text) % values


def describe_fix(point: Point) -> str:
    """What to do about a red point; empty when there is nothing to say."""
    return _(point.fix) if point.fix else ""


def _write_value(name: str, value: object) -> str:
    if isinstance(value, dt.date):
        return write_day(value)
    if isinstance(value, int) and name.endswith("_cents"):
        return write_money(value)
    write = _WRITERS.get(name, str)
    return write(str(value))
