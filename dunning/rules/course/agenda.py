"""What is to be done with a receivable today, one decision at a time, and when to look at it again.

The run asks `next_decision` until there is none: each decision, carried out, changes the facts the next one is made
from. Asking twice on the same facts gives the same answer; asking after it was carried out gives none.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from dunning.rules.course import steps
from dunning.rules.course.eligibility import START_POINTS, Eligibility, check
from dunning.rules.course.steps import ONE_DAY, OVERTAKEN_BY, PlannedStep
from dunning.rules.facts import Facts
from dunning.rules.gates import DUNNING_ONLY, Opening, choose_opening
from dunning.rules.money.claim import sum_entries, worth_pursuing
from dunning.rules.policy import Policy
from dunning.rules.statuses import BLOCKED, RUNNING
from dunning.rules.terms import (
    CALLS,
    FIRST_LETTER,
    HANDOVER,
    LETTERS,
    REMINDERS,
    STAGE_ONE,
    STEP_KINDS,
    UPCOMING_REMINDER,
    EffectKind,
    NextStep,
)

DecisionVerb = Literal["unblock", "skip", "make", "open", "lapse", "await_consent", "cancel_order", "fail"]

_Look = tuple[NextStep, dt.date]

# its day has passed and it is not made up; the facts have changed
MISSED, NOT_DUE = "missed", "not_due_any_more"

# red here and nobody is reminded of anything
_COLLECTIBLE = ("not_test", "not_refunded", "not_cancelled", "open_amount", "currency", "no_dispute")
# red here and no case is ever opened, whatever is paid or taken back
_HOPELESS = ("not_test", "not_cancelled", "currency")


@dataclass(frozen=True)
class Decision:
    """One thing to do."""

    verb: DecisionVerb
    kind: NextStep = ""
    due: dt.date = dt.date.min
    reason: str = ""
    opening: Opening | None = None
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Day:
    """One receivable on one day."""

    facts: Facts
    policy: Policy
    today: dt.date
    found: Eligibility

    @property
    def collectible(self) -> bool:
        """Open, undisputed and not waiting for a promised payment."""
        promised = self.facts.promised_until
        return not self.found.red(_COLLECTIBLE) and not (promised and self.today <= promised)

    def plan(self) -> tuple[PlannedStep, ...]:
        return steps.plan(self.facts, self.policy, self.today)


def next_decision(facts: Facts, policy: Policy, today: dt.date) -> Decision | None:
    """The next thing to do today; None when nothing is left."""
    day = _Day(facts, policy, today, check(facts, policy, today))
    return _end_block(day) or _decide_stage_one(day) or _decide_opening(day) or _decide_running(day)


def may_remind(facts: Facts, policy: Policy, today: dt.date) -> bool:
    """Whether a friendly reminder may still go out: open, undisputed, not promised, and the case did not end."""
    day = _Day(facts, policy, today, check(facts, policy, today))
    return day.collectible and (facts.case is None or facts.case.status == RUNNING)


def judge_reminder(kind: EffectKind, due: dt.date, facts: Facts, policy: Policy, today: dt.date) -> str:
    """Why a reminder that was due on `due` must not go out today; empty when it may."""
    announced = kind == UPCOMING_REMINDER and facts.due_date is not None and facts.due_date < today
    if announced or not may_remind(facts, policy, today):
        return NOT_DUE
    return MISSED if _is_missed(due, policy, today) else ""


def _is_missed(due: dt.date, policy: Policy, today: dt.date) -> bool:
    return (today - due).days > policy.steps.catch_up_days


def _end_block(day: _Day) -> Decision | None:
    """On the day after its last one; not while the claim is disputed, then support ends it."""
    case = day.facts.case
    if case is None or case.status != BLOCKED or day.facts.disputed:
        return None
    if case.blocked_until and case.blocked_until < day.today:
        return Decision("unblock", reason="until")
    return None


def _decide_stage_one(day: _Day) -> Decision | None:
    """Reminders and the service call belong to the receivable; a case that ended or waits stops them."""
    case = day.facts.case
    if not day.collectible or (case and case.status != RUNNING):
        return None
    for step in day.plan():
        if step.kind in STAGE_ONE and step.stored is None and step.due <= day.today:
            return _judge_stage_one(day, step)
    return None


def _judge_stage_one(day: _Day, step: PlannedStep) -> Decision:
    if _is_missed(step.due, day.policy, day.today):
        return Decision("skip", step.kind, step.due, reason=MISSED)
    if step.kind in REMINDERS and day.found.red(("email",)):
        return Decision("skip", step.kind, step.due, reason="no_email")
    return Decision("make", step.kind, step.due)


def _decide_opening(day: _Day) -> Decision | None:
    facts = day.facts
    if facts.case is not None or not day.found.may_open:
        return None
    opening = choose_opening(
        facts.vendor.settings,
        open_principal=sum_entries(facts.entries, day.today).open_principal,
        charged_back=facts.charged_back,
        start_points_green=day.found.may_start,
    )
    red = tuple(point.key for point in day.found.red(START_POINTS))
    return Decision("open", opening=opening, points=red)


def _decide_running(day: _Day) -> Decision | None:
    case = day.facts.case
    if case is None or case.status != RUNNING or case.claim_in_review:
        return None
    plan = day.plan()
    for step in plan:
        if step.kind in STAGE_ONE or step.state in ("done", "skipped", "lapsed"):
            continue
        if step.kind in CALLS:
            if step.stored is None and step.due <= day.today:
                return _judge_call(day, step, plan)
            continue
        # a letter or handover that is under way, in doubt or not due yet holds up all that follows
        if step.stored is not None or step.due > day.today or _acted_today(day):
            return None
        return _judge_handover(day, step) if step.kind == HANDOVER else _judge_letter(day, step)
    return None


def _acted_today(day: _Day) -> bool:
    """At most one letter or handover per case and day."""
    return any(s.done_on == day.today for s in day.facts.steps if s.kind in (*LETTERS, HANDOVER))


def _judge_call(day: _Day, call: PlannedStep, plan: tuple[PlannedStep, ...]) -> Decision:
    overtaken = any(s.kind == OVERTAKEN_BY[call.kind] and s.due <= day.today for s in plan)
    return Decision(
        "skip" if overtaken else "make", call.kind, call.due, reason="overtaken" if overtaken else ""
    )


def _judge_letter(day: _Day, letter: PlannedStep) -> Decision | None:
    """A letter waits while a Start point is red: without an address there is nothing to send."""
    if not day.found.may_start:
        return None
    return _lapse_call(day, letter) or Decision("make", letter.kind, letter.due)


def _judge_handover(day: _Day, handover: PlannedStep) -> Decision | None:
    facts = day.facts
    if day.found.red(("letters_sent", "deadline_passed", "no_dispute")):
        return None
    if lapse := _lapse_call(day, handover):
        return lapse
    if not worth_pursuing(facts, day.policy, day.today):
        return None
    if facts.scheme == DUNNING_ONLY:
        return Decision("cancel_order", HANDOVER, handover.due, reason="scheme")
    if facts.case and facts.case.consent == "none":
        return Decision("await_consent", HANDOVER, handover.due)
    if failures := day.found.handover_failures:
        return Decision("fail", HANDOVER, handover.due, points=tuple(point.key for point in failures))
    return Decision("make", HANDOVER, handover.due)


def _lapse_call(day: _Day, overtaker: PlannedStep) -> Decision | None:
    """A call nobody made until the next letter or the handover is due is not made any more.

    A chargeback has no letters: its handover overtakes every call.
    """
    for kind in CALLS:
        call = day.facts.step(kind)
        overtaken = STEP_KINDS.index(OVERTAKEN_BY[kind]) <= STEP_KINDS.index(overtaker.kind)
        if call and call.state == "planned" and overtaken:
            return Decision("lapse", kind, call.due_on, reason="overtaken")
    return None


def next_look(facts: Facts, policy: Policy, today: dt.date | None) -> _Look | None:
    """The step and day to look at this receivable again, after `today`.

    Without `today` (something came in; no run has seen it) the earliest step nobody has dealt with, past or not: the
    next run decides. None when only a change of the facts can move it; every verb that changes facts asks anew.
    """
    found = check(facts, policy, today or facts.order.order_date)
    # what is open is known for a day only; a case is looked at even so, a red handover makes it fail
    hopeless = _COLLECTIBLE[:-1] if today else _HOPELESS
    if facts.case is None and found.red(hopeless):
        return None
    day = _Day(facts, policy, today or dt.date.min, found)
    looks = [look for look in _list_looks(day) if look[1] > day.today]
    return min(looks, key=lambda look: look[1], default=None)


def _list_looks(day: _Day) -> list[_Look]:
    facts, case = day.facts, day.facts.case
    if case and case.status == BLOCKED:
        return [("", case.blocked_until + ONE_DAY)] if case.blocked_until else []
    if case and case.status != RUNNING:
        return []
    looks: list[_Look] = [(s.kind, s.due) for s in day.plan() if s.stored is None and s.kind in STAGE_ONE]
    if facts.promised_until:
        looks.append(("", facts.promised_until + ONE_DAY))
    return looks + (_list_running(day) if case else _list_opening(day))


def _list_opening(day: _Day) -> list[_Look]:
    opens = steps.dunning_date(day.facts, day.policy)
    first = steps.select_kinds(day.facts, day.policy)[-1:]
    if opens is None or first != (HANDOVER,):  # reminders only: it never becomes a case
        return []
    return [(HANDOVER if day.facts.charged_back else FIRST_LETTER, opens)]


def _list_running(day: _Day) -> list[_Look]:
    looks: list[_Look] = []
    for step in day.plan():
        if step.kind in STAGE_ONE or step.state in ("done", "skipped", "lapsed"):
            continue
        if step.kind in CALLS:
            looks += [] if step.stored else [(step.kind, step.due)]
            continue
        if step.stored is None:  # due but held up by a red point: look again tomorrow
            looks.append((step.kind, max(step.due, day.today + ONE_DAY)))
        break
    return looks
