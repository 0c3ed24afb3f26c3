"""What steps, their states and the reasons behind them are called, in English; translations/ has the German."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from dunning.rules import terms
from dunning.rules.terms import StepKind
from dunning.web.request.texts import gettext

STEP_LABELS = {
    terms.UPCOMING_REMINDER: _l("Instalment notice"),
    terms.SERVICE_CALL: _l("Service call"),
    terms.PAYMENT_REMINDER: _l("Payment reminder"),
    terms.FIRST_LETTER: _l("First dunning letter"),
    terms.FIRST_CALL: _l("First call"),
    terms.SECOND_LETTER: _l("Second dunning letter"),
    terms.SECOND_CALL: _l("Second call"),
    terms.HANDOVER: _l("Handover to collection"),
}
STEP_ICONS = {
    **dict.fromkeys((*terms.REMINDERS, *terms.LETTERS), "mail"),
    **dict.fromkeys(terms.CALLS, "phone"),
    terms.HANDOVER: "bank",
}
STATE_LABELS = {
    "skipped": _l("skipped"),
    "lapsed": _l("not made"),
    "superseded": _l("dropped"),
    "in_doubt": _l("being checked"),
    "planned": _l("under way"),
}
FAILED, LOOKED_INTO = _l("could not be sent"), _l("Support is looking into it.")
# codes the system writes as the reason of a step or a change
REASON_LABELS = {
    "missed": _l("Its day had passed; it is not made up"),
    "no_email": _l("No working e-mail address"),
    "overtaken": _l("Overtaken by the next step"),
    "incomplete": _l("Something that the collection partner requires is missing"),
    "not_due_any_more": _l("No longer due when it was to go out"),
    "cancelled": _l("The case was ended"),
    "undone": _l("Start was undone"),
    "paid": _l("It was paid"),
    "rejected": _l("Rejected by the collection partner"),
    "mandate_taken": _l("The partner gave it a file number that belongs to another claim"),
    "scheme": _l("The chosen dunning option ends with the termination of the order"),
    "order_cancelled": _l("The order was cancelled"),
    "order_refunded": _l("The order was refunded in full"),
    "cancelled_on_request": _l("The collection partner has confirmed the termination"),
    "cancelled_by_partner": _l("The collection partner has terminated by itself"),
    "partner_unsuccessful": _l("The collection partner has ended without success"),
    "nothing_to_collect": _l("There was nothing left to collect"),
    "mandate_ended": _l("The collection partner has ended its work by itself"),
    "late_acceptance": _l("Accepted by the partner too late"),
    "open_again": _l("The claim is open again"),
    "cancellation_request": _l("Its termination had been asked for"),
    "review": _l("You review each case before dunning starts"),
    "until": _l("The pause has ended"),
    "not_posted": _l("Not posted in time; made anew with new dates"),
    "facts_changed": _l("Address or amount had changed; made anew"),
}
BLOCK_LABELS = {
    "dispute": _l("The buyer disputes the claim"),
    "promise": _l("The buyer has promised to pay"),
    "unsure": _l("Support is checking the case"),
    "insolvency": _l("Insolvency of the buyer"),
    "deceased": _l("The buyer has died"),
    "minor": _l("The buyer is a minor"),
    "address_unknown": _l("The buyer's address is unknown"),
    "legal": _l("Legal reasons"),
}
PLAN_LABELS = {
    "one_time_payment": _l("One-off payment"),
    "breakdown_payment": _lp("plan", "Instalments"),
    "abonnement": _l("Subscription"),
}


def label_step(kind: StepKind) -> str:
    """The step in the reader's words."""
    return str(STEP_LABELS[kind])


def label_plan(plan: str, rate: int, rates: int) -> str:
    """How the order is paid: at once, or which instalment this is."""
    if plan == "one_time_payment":
        return str(PLAN_LABELS[plan])
    if rates > 1:
        return gettext("Instalment %(rate)s of %(rates)s", rate=rate, rates=rates)
    return str(PLAN_LABELS.get(plan, plan))


def label_reason(code: str) -> str:
    """A reason: codes in the reader's words, a person's or the partner's own words as they are."""
    label = REASON_LABELS.get(code) or BLOCK_LABELS.get(code)
    return str(label) if label else code


def is_coded(reason: str) -> bool:
    """True for a reason the system wrote; what people wrote may be meant for colleagues only."""
    return reason in REASON_LABELS or reason in BLOCK_LABELS
