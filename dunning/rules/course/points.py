"""Every point of the eligibility panel: what it looks at, what it says, what to do when it is red.

Each function gets a `Look` (facts, policy, day) and returns one `Point`. Texts are message ids in English with
named values: days stay `date`, money stays cents (`…_cents`), the page formats both.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from dunning.rules import terms
from dunning.rules.course import steps
from dunning.rules.facts import Facts
from dunning.rules.money import limitation
from dunning.rules.money.claim import Balance, sum_entries
from dunning.rules.policy import Policy
from dunning.rules.statuses import BLOCKED


def N_(text: str) -> str:  # noqa: N802 - gettext's name for "collect this text for translation"
    return text


@dataclass(frozen=True)
class Point:
    """One green or red point. `fix` is what to do about it, `form` names a form to offer right there.

    A green point with a `fix` is a warning.
    """

    key: str
    ok: bool
    text: str
    values: dict[str, Any] = field(default_factory=dict)
    fix: str = ""
    form: str = ""
    blocks: bool = True

    @property
    def detail(self) -> str:
        """The sentence in English."""
        return self.text % {key: _plain(key, value) for key, value in self.values.items()}


def _plain(key: str, value: object) -> str:
    if isinstance(value, int) and key.endswith("_cents"):
        return f"{value // 100}.{value % 100:02} EUR"
    return str(value)


@dataclass(frozen=True)
class Look:
    """What a point looks at."""

    facts: Facts
    policy: Policy
    today: dt.date

    @property
    def balance(self) -> Balance:
        """As of the day; before the order's own day it is what it will be then."""
        return sum_entries(self.facts.entries, max(self.today, self.facts.order.order_date))

    @property
    def charged_back(self) -> bool:
        return self.facts.charged_back


# ways in -------------------------------------------------------------------------------------------------


def is_one_off(look: Look) -> Point:
    ok = not steps.is_instalment(look.facts)
    return Point("is_one_off", ok, N_("One-off purchase") if ok else N_("Not a one-off purchase"))


def is_instalment(look: Look) -> Point:
    facts = look.facts
    if not steps.is_instalment(facts):
        return Point("is_instalment", False, N_("No instalment plan"))
    values = {"rate": facts.rate_number, "rates": facts.order.rates}
    return Point("is_instalment", True, N_("Instalment %(rate)s of %(rates)s"), values)


def charged_back(look: Look) -> Point:
    if not look.charged_back:
        return Point("charged_back", False, N_("No payment was charged back"))
    return Point("charged_back", True, N_("Charged back on %(day)s"), {"day": look.facts.charged_back_on})


# order ---------------------------------------------------------------------------------------------------


def order_missing() -> Point:
    fix = N_("Check the order ID; capital and small letters count.")
    return Point("order_exists", False, N_("No order with this ID is known"), fix=fix)


def check_order(look: Look) -> tuple[Point, ...]:
    facts = look.facts
    known = Point("order_exists", True, N_("Order of %(day)s"), {"day": facts.order.order_date})
    return (
        known,
        _not_test(facts),
        _not_refunded(look),
        _not_cancelled(facts),
        _open_amount(look),
        _currency(look),
        _method_allowed(look),
        _no_dispute(facts),
    )


def _not_test(facts: Facts) -> Point:
    ok = not facts.order.test_payment and facts.order.method != "test"
    return Point("not_test", ok, N_("A real order") if ok else N_("A test order is never dunned"))


def _not_refunded(look: Look) -> Point:
    principal, original = look.balance.principal, look.facts.original_cents
    if principal <= 0:
        return Point("not_refunded", False, N_("Refunded in full"))
    if principal < original:
        values = {"refund_cents": original - principal}
        return Point("not_refunded", True, N_("%(refund_cents)s refunded"), values)
    return Point("not_refunded", True, N_("Nothing refunded"))


def _not_cancelled(facts: Facts) -> Point:
    ok = not facts.order.cancelled
    return Point("not_cancelled", ok, N_("Not cancelled") if ok else N_("The order is cancelled"))


def _open_amount(look: Look) -> Point:
    """Once a case exists, fees and interest that outlive the principal count too: a pursued remainder is open."""
    balance, least = look.balance, look.policy.limits.minimum_claim
    amount = balance.open_principal
    if amount <= 0 and look.facts.case:
        amount = balance.outstanding
    if amount <= 0:
        return Point("open_amount", False, N_("Nothing is open"), fix=N_("Nothing to do: it is paid."))
    if amount < least:
        text = N_("%(open_cents)s open, less than the smallest claim of %(least_cents)s")
        return Point("open_amount", False, text, {"open_cents": amount, "least_cents": least})
    return Point("open_amount", True, N_("%(open_cents)s open"), {"open_cents": amount})


def _currency(look: Look) -> Point:
    currency = look.facts.order.currency
    ok = currency == look.policy.claims.currency
    text = N_("%(currency)s") if ok else N_("%(currency)s: only claims in euros are dunned")
    return Point("currency", ok, text, {"currency": currency})


def _method_allowed(look: Look) -> Point:
    treatment = steps.find_treatment(look.facts, look.policy)
    trouble, method = steps.find_trouble(look.facts), look.facts.order.method
    if treatment in ("dunning", "collection"):
        return Point("method_allowed", True, N_("Payment method %(method)s"), {"method": method})
    if treatment == "reminder":
        text = N_("Payment method %(method)s: reminders only while %(trouble)s")
    else:
        text = N_("Payment method %(method)s is never dunned when %(trouble)s")
    return Point("method_allowed", False, text, {"method": method, "trouble": trouble})


def _no_dispute(facts: Facts) -> Point:
    if not facts.disputed:
        return Point("no_dispute", True, N_("Not disputed"))
    fix = N_("Support settles the dispute with the buyer first.")
    return Point("no_dispute", False, N_("The buyer disputes the claim"), fix=fix)


# deadline ------------------------------------------------------------------------------------------------


def check_deadline(look: Look) -> tuple[Point, ...]:
    return (_due_date_known(look), _due_date_passed(look), _dunning_date_reached(look))


def _due_date_known(look: Look) -> Point:
    due = look.facts.due_date
    if due is None:
        return Point("due_date_known", False, N_("The due date is not known yet"))
    return Point("due_date_known", True, N_("Due on %(day)s"), {"day": due})


def _due_date_passed(look: Look) -> Point:
    anchor, key = look.facts.anchor, "due_date_passed"
    if look.charged_back:
        return Point(key, True, N_("Charged back: does not apply"))
    if anchor is None:
        return Point(key, False, N_("The due date is not known yet"))
    days = (look.today - anchor).days
    if days > 0:
        text = N_("Overdue by 1 day") if days == 1 else N_("Overdue by %(days)s days")
        return Point(key, True, text, {"days": days})
    return Point(key, False, N_("Not overdue before %(day)s"), {"day": anchor + steps.ONE_DAY})


def _dunning_date_reached(look: Look) -> Point:
    key, day = "dunning_date_reached", steps.dunning_date(look.facts, look.policy)
    if look.charged_back:
        return Point(key, True, N_("Charged back: does not apply"))
    if day is None:
        return Point(key, False, N_("The due date is not known yet"))
    if look.facts.promised_until and day == look.facts.promised_until + steps.ONE_DAY and look.today < day:
        values = {"until": look.facts.promised_until, "day": day}
        return Point(key, False, N_("Payment promised until %(until)s, dunning from %(day)s"), values)
    return Point(key, look.today >= day, N_("Dunning date %(day)s"), {"day": day})


# vendor and handover -------------------------------------------------------------------------------------


def check_vendor(look: Look) -> tuple[Point, ...]:
    active, scheme = look.facts.vendor.active, look.facts.scheme
    text = N_("Active") if active else N_("The vendor's account is not active")
    chosen = Point("scheme_chosen", scheme > 0, N_("Chosen"))
    if scheme == 0:
        fix = N_("Choose a dunning option in the settings.")
        chosen = Point("scheme_chosen", False, N_("No dunning option chosen"), fix=fix, form="settings")
    return (Point("vendor_active", active, text), chosen)


def check_handover(look: Look) -> tuple[Point, ...]:
    return (_letters_sent(look), _deadline_passed(look), _not_blocked(look), _not_time_barred(look))


def _letters_sent(look: Look) -> Point:
    if look.charged_back:
        return Point("letters_sent", True, N_("Charged back: does not apply"))
    sent = sum(1 for kind in terms.LETTERS if look.facts.done(kind))
    return Point("letters_sent", sent == len(terms.LETTERS), N_("%(sent)s of 2 letters sent"), {"sent": sent})


def _deadline_passed(look: Look) -> Point:
    if look.charged_back:
        return Point("deadline_passed", True, N_("Charged back: does not apply"))
    second = look.facts.done(terms.SECOND_LETTER)
    if second is None or second.deadline is None:
        return Point("deadline_passed", False, N_("The last deadline is not set yet"))
    passed = look.today > second.deadline
    text = N_("Deadline %(day)s has passed") if passed else N_("Deadline runs until %(day)s")
    return Point("deadline_passed", passed, text, {"day": second.deadline})


def _not_blocked(look: Look) -> Point:
    case = look.facts.case
    if case is None or case.status != BLOCKED:
        return Point("not_blocked", True, N_("Not blocked"))
    if case.blocked_until:
        return Point("not_blocked", False, N_("Blocked until %(day)s"), {"day": case.blocked_until})
    return Point("not_blocked", False, N_("Blocked by support"))


def _not_time_barred(look: Look) -> Point:
    found = limitation.judge_limitation(look.facts.due_date, look.facts.entries, look.today)
    if found is None:
        return Point("not_time_barred", True, N_("The due date is not known yet"))
    if found.barred:
        text = N_("Time-barred since the end of %(day)s (§ 195 BGB)")
        return Point("not_time_barred", False, text, {"day": found.last_day})
    values = {"day": found.last_day, "days": found.days_left}
    if found.alarm is None:
        text = N_("Time-barred after %(day)s")
    elif found.days_left == 1:
        text = N_("Time-barred after %(day)s: 1 day left")
    else:
        text = N_("Time-barred after %(day)s: %(days)s days left")
    return Point("not_time_barred", True, text, values)
