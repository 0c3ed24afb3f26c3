"""When which step is due: the life of a receivable as dates (design: "Life of a receivable").

`due = max(anchor + T, done(reference step) + gap, day after the reference letter's deadline)`, never before the
day a late Start or an end of a block allows it. Days are local dates.
"""

import datetime as dt
from dataclasses import dataclass

from dunning.rules import calendar
from dunning.rules.facts import Facts, StepFacts
from dunning.rules.policy import Policy
from dunning.rules.policy_tables import PaymentTrouble
from dunning.rules.statuses import AWAITING_APPROVAL, FAILED, READY_FOR_HANDOVER
from dunning.rules.terms import (
    FIRST_CALL,
    FIRST_LETTER,
    HANDOVER,
    LETTERS,
    SECOND_CALL,
    SECOND_LETTER,
    SERVICE_CALL,
    STAGE_ONE,
    STEP_KINDS,
    UPCOMING_REMINDER,
    StepKind,
    StepState,
)

# the letter a call belongs to, and the letter (or handover) that overtakes it
CALL_OF: dict[StepKind, StepKind] = {FIRST_CALL: FIRST_LETTER, SECOND_CALL: SECOND_LETTER}
OVERTAKEN_BY: dict[StepKind, StepKind] = {
    SERVICE_CALL: FIRST_LETTER,
    FIRST_CALL: SECOND_LETTER,
    SECOND_CALL: HANDOVER,
}

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class PlannedStep:
    """A step with its day: stored (done, skipped …) or still planned, then `stored` is None."""

    kind: StepKind
    due: dt.date
    deadline: dt.date | None
    stored: StepFacts | None

    @property
    def state(self) -> StepState:
        return self.stored.state if self.stored else "planned"

    @property
    def done_on(self) -> dt.date | None:
        return self.stored.done_on if self.stored else None


def find_trouble(facts: Facts) -> PaymentTrouble:
    """What went wrong with the payment: unpaid, failed (never credited) or charged_back (taken back)."""
    if facts.charged_back:
        return "charged_back"
    return "failed" if facts.failed_on else "unpaid"


def find_treatment(facts: Facts, policy: Policy) -> str:
    """How far this receivable goes: dunning, collection, reminder or never."""
    return policy.treatment(facts.order.method, find_trouble(facts))


def is_instalment(facts: Facts) -> bool:
    return facts.order.plan != "one_time_payment"


def select_kinds(facts: Facts, policy: Policy) -> tuple[StepKind, ...]:
    """The steps this receivable takes at all, in order."""
    treatment = find_treatment(facts, policy)
    if treatment == "never":
        return ()
    if treatment == "collection":
        return (HANDOVER,)
    left_out = set()
    if not is_instalment(facts):
        left_out.add(UPCOMING_REMINDER)
    elif facts.rate_number > 1:
        left_out.add(SERVICE_CALL)
    kinds = STEP_KINDS if treatment == "dunning" else STAGE_ONE
    return tuple(kind for kind in kinds if kind not in left_out)


def find_land(facts: Facts) -> str | None:
    """The Land whose holidays count: the buyer's, when the postcode lies in one Land only (§§ 193, 269 BGB)."""
    return calendar.land_of(facts.buyer.country, facts.buyer.zipcode)


def dunning_date(facts: Facts, policy: Policy) -> dt.date | None:
    """The day an unpaid receivable becomes a case; a promise made before it does moves it to the day after."""
    if facts.charged_back:
        return facts.charged_back_on
    if facts.anchor is None:
        return None
    day = facts.anchor + dt.timedelta(days=policy.steps.first_letter.after_days)
    # a promise made later blocks the case; how long is the block's business
    promised = facts.promised_until if facts.case is None else None
    return max(day, promised + ONE_DAY) if promised else day


def letter_deadline(kind: StepKind, on: dt.date, facts: Facts, policy: Policy) -> dt.date:
    """The last day to pay that a letter of `on` names, moved to a working day (§ 193 BGB)."""
    rule = policy.steps.first_letter if kind == FIRST_LETTER else policy.steps.second_letter
    return calendar.next_working_day(on + dt.timedelta(days=rule.deadline_days), find_land(facts))


def plan(facts: Facts, policy: Policy, today: dt.date) -> tuple[PlannedStep, ...]:
    """All steps with their dates; those after an undone one are reckoned as if it happened on its day."""
    if facts.anchor is None:
        return ()
    planner = _Planner(facts, policy, today)
    return tuple(planner.place(kind) for kind in select_kinds(facts, policy))


class _Planner:
    """Places one step after the other; letters are remembered because later dates hang on them."""

    def __init__(self, facts: Facts, policy: Policy, today: dt.date) -> None:
        assert facts.anchor is not None  # noqa: S101 - plan() checked it
        self.facts, self.policy, self.today = facts, policy, today
        self.anchor = facts.anchor
        self.placed: dict[StepKind, PlannedStep] = {}

    def place(self, kind: StepKind) -> PlannedStep:
        stored = self.facts.step(kind)
        due = stored.due_on if stored else self._reckon(kind)
        deadline = stored.deadline if stored else None
        if kind in LETTERS and deadline is None:
            deadline = letter_deadline(kind, due, self.facts, self.policy)
        self.placed[kind] = PlannedStep(kind, due, deadline, stored)
        return self.placed[kind]

    def _reckon(self, kind: StepKind) -> dt.date:
        if kind in STAGE_ONE:
            days: int = getattr(self.policy.steps, kind).after_days
            return self.anchor + dt.timedelta(days=days)
        if kind in CALL_OF:
            letter = self.placed[CALL_OF[kind]]
            days = getattr(self.policy.steps, kind).gap_days
            return self._not_early((letter.done_on or letter.due) + dt.timedelta(days=days))
        if kind == HANDOVER:
            return self._not_early(self._handover_day())
        return self._not_early(self._letter_day(kind))

    def _letter_day(self, kind: StepKind) -> dt.date:
        if kind == FIRST_LETTER:
            return dunning_date(self.facts, self.policy) or self.anchor
        rule = self.policy.steps.second_letter
        first = self.placed[FIRST_LETTER]
        assert first.deadline is not None  # noqa: S101 - place() gives every letter one
        return max(
            self.anchor + dt.timedelta(days=rule.after_days),
            (first.done_on or first.due) + dt.timedelta(days=rule.gap_days),
            first.deadline + ONE_DAY,
        )

    def _handover_day(self) -> dt.date:
        second = self.placed.get(SECOND_LETTER)
        if second is None or second.deadline is None:  # a chargeback: due at once
            return self.facts.charged_back_on or self.anchor
        working_days = self.policy.steps.handover.working_days
        return calendar.nth_working_day_after(second.deadline, working_days, find_land(self.facts))

    def _not_early(self, due: dt.date) -> dt.date:
        """A step of a case is never due before its Start, its opening or the end of a block; nor in the past."""
        case = self.facts.case
        if case is None:
            return max(due, self.today)
        floors = [case.opened_on, case.started_on, case.unblocked_on]
        waiting = case.status in (AWAITING_APPROVAL, FAILED, READY_FOR_HANDOVER)
        floors.append(self.today if waiting else None)
        return max([due, *(day for day in floors if day)])
