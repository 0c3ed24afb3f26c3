"""What support types to book money it knows of."""

import datetime as dt

from dunning.web.request.form import Form
from dunning.web.request.texts import gettext as _

FIELDS = ("amount", "value_date", "reason")
LONGEST_REASON = 500
DAYS_AHEAD = 31
EARLIEST = dt.date(2000, 1, 1)


def read_booking(form: Form, today: dt.date) -> tuple[int, dt.date] | None:
    """Cents and local value date; None, with `errors`, when something is missing or cannot be understood."""
    cents, day = _read_amount(form), _read_day(form, today)
    form.read_text("reason", _("Say where the money was seen."))
    return None if form.errors or cents is None or day is None else (cents, day)


def _read_amount(form: Form) -> int | None:
    cents = form.read_cents(
        "amount",
        wrong=_("Write the amount like 12,50."),
        ambiguous=_("Write the amount with cents: 1.234,00."),
    )
    if cents is not None and cents <= 0:
        form.refuse("amount", _("The amount must be more than zero."))
    return cents


def _read_day(form: Form, today: dt.date) -> dt.date | None:
    day = form.read_day("value_date", _("Choose the day the money was credited."))
    if day and not EARLIEST <= day <= today + dt.timedelta(days=DAYS_AHEAD):
        form.refuse("value_date", _("This day is too far away."))
    return day
