"""The forms with which support books money it knows of, and takes back what was booked in error."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from dunning.rules.cents import AmbiguousAmount, AmountError, parse_amount
from dunning.web.request.texts import gettext as _

FIELDS = ("amount", "value_date", "reason")
LONGEST_REASON = 500
DAYS_AHEAD = 31
EARLIEST = dt.date(2000, 1, 1)


@dataclass
class BookingForm:
    """Values as typed, by field name; `errors` in the order of the fields."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> "BookingForm":
        return cls({name: form.get(name, "").strip()[:LONGEST_REASON] for name in FIELDS})

    def read(self, today: dt.date) -> tuple[int, dt.date] | None:
        """Cents and local value date; None, with `errors`, when something is missing or cannot be understood."""
        cents, day = self._read_amount(), self._read_day(today)
        if not self.values["reason"]:
            self.errors["reason"] = _("Say where the money was seen.")
        return (cents, day) if cents and day and not self.errors else None

    def _read_amount(self) -> int | None:
        typed = self.values["amount"]
        try:
            cents = parse_amount(typed)
        except AmbiguousAmount:
            self.errors["amount"] = _("Write the amount with cents: 1.234,00.")
        except AmountError:
            self.errors["amount"] = _("Write the amount like 12,50.")
        else:
            if cents > 0:
                return cents
            self.errors["amount"] = _("The amount must be more than zero.")
        return None

    def _read_day(self, today: dt.date) -> dt.date | None:
        try:
            day = dt.date.fromisoformat(self.values["value_date"])
        except ValueError:
            self.errors["value_date"] = _("Choose the day the money was credited.")
            return None
        if EARLIEST <= day <= today + dt.timedelta(days=DAYS_AHEAD):
            return day
        self.errors["value_date"] = _("This day is too far away.")
        return None


@dataclass
class ReversalForm:
    """Why a payment is taken back; it stands beside the payment."""

    payment_id: int
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def typed(cls, payment_id: int, form: Mapping[str, str]) -> "ReversalForm":
        reason = form.get("reason", "").strip()[:LONGEST_REASON]
        return cls(payment_id, {"reason": reason}, {} if reason else {"reason": _("Write down why.")})
