"""What support types to change a case. A form of its card is named by the last part of its address."""

import datetime as dt
from collections.abc import Mapping

from dunning.actions.case.block import REASONS
from dunning.rules.statuses import BLOCKED, STORED
from dunning.web.request.form import Form
from dunning.web.request.texts import gettext as _

FIELDS = ("status", "reason", "request", "until", "note", "text", "resolved")


def type_support(kind: str, sent: Mapping[str, str]) -> Form:
    """All that any of the card's forms can send."""
    return Form.typed(kind, sent, FIELDS)


def check_support(form: Form, today: dt.date) -> bool:
    """Whether it can be understood; asks for no more than its kind needs."""
    if form.name == "status":
        if form.choose("status", STORED, _("Choose a status.")) == BLOCKED:
            _check_reason(form)
    elif form.name == "block":
        _check_reason(form)
        until = read_until(form)
        if until and until < today:
            form.refuse("until", _("This day is over."))
    elif form.name == "dispute" and not form.values["resolved"]:
        form.read_text("text", _("Write down what the buyer says."))
    return not form.errors


def read_until(form: Form) -> dt.date | None:
    """The last day of the block, local; None for one without end."""
    wrong = _("This is not a date. Write it like 2026-12-31.")
    return form.read_day("until", wrong) if form.values["until"] else None


def _check_reason(form: Form) -> None:
    form.choose("reason", REASONS, _("Choose a reason."))
