"""The timeline of a case: what happened, what was left out, today, and what is planned."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from dunning.actions.dossier.dossier import Dossier
from dunning.desk import Desk
from dunning.records.cases import Step
from dunning.records.queries.cases.case import HistoryLine, PaymentLine
from dunning.rules import statuses, terms
from dunning.rules.course import steps
from dunning.rules.course.outlook import list_planned
from dunning.rules.facts import Facts
from dunning.rules.gates import COURT, DUNNING_ONLY
from dunning.rules.letters.lines import price_letter
from dunning.rules.money.claim import Allocation
from dunning.rules.policy import Policy
from dunning.web.request.texts import gettext as _
from dunning.web.words.claim_lines import describe_allocation, label_entry
from dunning.web.words.formats import write_day, write_money
from dunning.web.words.labels import STATUS_LOOKS, label_status
from dunning.web.words.partner_lines import NewsLine
from dunning.web.words.step_labels import (
    FAILED,
    LOOKED_INTO,
    STATE_LABELS,
    STEP_ICONS,
    label_reason,
    label_step,
)

# the accepted handover is a step of its own
_TOLD_BY_STEPS = ("accept_claim",)


@dataclass(frozen=True)
class Moment:
    """One line: its day (None: open), how it is drawn, what it is and what is to be said about it."""

    day: dt.date | None
    title: str
    note: str = ""
    icon: str = "info"
    hue: str = "off"
    look: str = ""  # "", skp, today or plan


def build_timeline(
    dossier: Dossier,
    history: Iterable[HistoryLine],
    payments: Iterable[PaymentLine],
    allocations: Iterable[Allocation],
    desk: Desk,
    news: Iterable[NewsLine] = (),
    stuck: Collection[terms.StepKind] = (),
    *,
    staff: bool = False,
) -> list[Moment]:
    """Everything in order of time, with a line for today between past and plan. `stuck`: steps that have failed."""
    today = desk.today
    past = [
        tell_order(dossier),
        *tell_payments(payments, allocations, today),
        *tell_changes(history, staff=staff),
        *(tell_step(step, dossier) for step in dossier.steps if not _is_coming(step)),
        *(Moment(line.day, line.title, line.note, line.icon, line.hue) for line in news),
    ]
    # within a day the order above stays: money, what it changed, what was done
    past.sort(key=lambda moment: moment.day or today)
    now = Moment(today, _("Today"), icon="cal", hue="run", look="today")
    return [*past, now, *tell_plan(dossier, desk, stuck, staff=staff)]


def _is_coming(step: Step) -> bool:
    return step.state == "planned"


def tell_order(dossier: Dossier) -> Moment:
    """Where it all began."""
    receivable, order = dossier.receivable, dossier.order
    due = (
        _("due on %(day)s", day=write_day(receivable.due_date)) if receivable.due_date else _("due date open")
    )
    note = f"{write_money(receivable.original_cents)}, {due}"
    return Moment(order.order_date, _("Order placed"), note, "receipt")


def tell_payments(
    payments: Iterable[PaymentLine], allocations: Iterable[Allocation], today: dt.date
) -> Iterator[Moment]:
    """Money that came or went; a payment of a future value date is announced there, not here."""
    shares = {share.value_date: share for share in allocations}
    for payment in payments:
        if payment.value_date > today:
            continue
        title = f"{label_entry(payment.kind)} {write_money(abs(payment.cents))}"
        share = shares.get(payment.value_date) if payment.kind == "payment" else None
        hue = "good" if payment.cents < 0 else "bad"
        yield Moment(payment.value_date, title, describe_allocation(share) if share else "", "coins", hue)


def tell_step(step: Step, dossier: Dossier) -> Moment:
    """A step that happened or was left out."""
    title = label_step(step.kind)
    icon = STEP_ICONS[step.kind]
    if step.state != "done":
        label = f"{title} · {STATE_LABELS[step.state]}"
        if step.state == "in_doubt":
            note = _("It is not certain that it arrived. Support is looking into it.")
            return Moment(step.due_on, label, note, "alert", "bad")
        return Moment(step.due_on, label, label_reason(step.reason), icon, "off", "skp")
    notes = []
    if step.kind in terms.REMINDERS:
        notes.append(_("By e-mail to %(address)s", address=dossier.buyer.email))
    if step.deadline:
        notes.append(_("Deadline %(day)s", day=write_day(step.deadline)))
    return Moment(step.done_on, title, " · ".join(notes), icon, "good")


def tell_changes(history: Iterable[HistoryLine], *, staff: bool) -> Iterator[Moment]:
    """Changes of the status, as far as no step tells them."""
    for line in history:
        if line.target is None or line.verb in _TOLD_BY_STEPS:
            continue
        look = STATUS_LOOKS[line.target]
        label = label_status(line.target, staff=staff)
        title = _("Case opened: %(status)s", status=label) if line.source is None else label
        yield Moment(line.on, title, "", look.icon, look.hue)


def tell_plan(
    dossier: Dossier, desk: Desk, stuck: Collection[terms.StepKind], *, staff: bool
) -> Iterator[Moment]:
    """What comes next as things are; a case that waits is planned as if it were started today."""
    case, facts = dossier.case, dossier.read_facts()
    if case is None or case.status in statuses.TERMINAL or case.status == statuses.HANDED_OVER:
        return
    for step in list_planned(facts, desk.policy, desk.today):
        if step.kind in stuck:
            yield Moment(step.due, f"{label_step(step.kind)} · {FAILED}", str(LOOKED_INTO), "alert", "bad")
        else:
            yield plan_step(step, facts, desk.policy, desk.today, staff=staff)
    yield Moment(None, _("End"), describe_end(facts.scheme), "gavel" if facts.scheme == COURT else "ban")


def plan_step(
    step: steps.PlannedStep, facts: Facts, policy: Policy, today: dt.date, *, staff: bool
) -> Moment:
    """A step with the day it is due, and what goes with it."""
    day, icon = max(step.due, today), STEP_ICONS[step.kind]
    title = label_step(step.kind)
    if step.kind == terms.HANDOVER and facts.scheme == DUNNING_ONLY:
        return Moment(day, _("Termination of the order"), describe_end(facts.scheme), "ban", "run", "plan")
    if step.stored:
        state = _("to be made") if step.kind in terms.CALLS else STATE_LABELS["planned"]
        title = f"{title} · {state}"
    if step.kind == terms.HANDOVER:
        note = describe_handover(facts, policy, staff=staff)
    else:
        note = describe_plan(step, facts, policy, day)
    return Moment(day, title, note, icon, "run", "plan")


def describe_plan(step: steps.PlannedStep, facts: Facts, policy: Policy, day: dt.date) -> str:
    """What a planned step brings: cost and deadline of a letter, the number to call."""
    if step.kind in terms.CALLS:
        return facts.buyer.phone
    if step.deadline is None:
        return facts.buyer.email
    deadline = _("Deadline %(day)s", day=write_day(step.deadline))
    fee = price_letter(step.kind, facts, policy, day)
    return f"{label_entry(fee.kind)} {write_money(fee.cents)} · {deadline}" if fee else deadline


def describe_handover(facts: Facts, policy: Policy, *, staff: bool) -> str:
    """Whether it goes by itself, and what stopping costs; what is being reviewed cannot be stopped any more."""
    case = facts.case
    if case and case.claim_in_review:
        return _("The collection partner is reviewing the claim.")
    cost = write_money(policy.cancellation.vendor_fee)
    stop = _("Stopping costs nothing before, %(cost)s after", cost=cost)
    if case and (case.consent == "none" or case.status == statuses.FAILED):
        waits = _("Waits for the vendor's approval") if staff else _("Waits for your approval")
        return f"{waits} · {stop}"
    return _("By itself · %(stop)s", stop=stop)


def describe_end(scheme: int) -> str:
    """How it ends without success, by the dunning option."""
    ends = {
        0: _("No dunning option is chosen yet"),
        1: _("Without payment the order is terminated, nothing goes to collection"),
        2: _("If collection has no success, the order is terminated"),
        3: _("If collection has no success, a court dunning procedure follows"),
    }
    return ends[scheme]
