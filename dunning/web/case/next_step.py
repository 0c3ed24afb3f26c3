"""What the head of a case says: what happens next, and what the reader can do about it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from dunning.actions.dossier.dossier import Dossier
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.rules import statuses, terms
from dunning.rules.course.eligibility import START_POINTS, Eligibility
from dunning.rules.course.outlook import list_planned
from dunning.rules.facts import Facts
from dunning.rules.gates import DUNNING_ONLY
from dunning.rules.partner.handover import MANDATE_TAKEN, REJECTED
from dunning.rules.partner.hold import is_held
from dunning.rules.policy import Policy
from dunning.rules.statuses import VENDOR, allowed_verbs
from dunning.rules.terms import StepKind
from dunning.web.eligibility.check_summary import sum_up
from dunning.web.eligibility.panel import asks_first
from dunning.web.request.texts import gettext as _
from dunning.web.request.texts import ngettext
from dunning.web.words.formats import write_day, write_money
from dunning.web.words.labels import STATUS_LOOKS
from dunning.web.words.point_labels import label_point
from dunning.web.words.step_labels import BLOCK_LABELS, LOOKED_INTO, REASON_LABELS, STEP_ICONS, label_step


@dataclass(frozen=True)
class NextStep:
    """Title and note of the coloured band."""

    title: str
    note: str
    icon: str
    hue: str


@dataclass(frozen=True)
class Actions:
    """Which buttons stand in the head. `start` and `cancel` go by the status alone, as the contract says."""

    start: bool
    asks: bool  # before Start
    cancel: bool
    undo: bool

    @property
    def any(self) -> bool:
        return self.start or self.cancel or self.undo


def list_actions(case: Case, facts: Facts, *, undoable: bool) -> Actions:
    """What the vendor's buttons are; while a claim is at the partner nothing can be cancelled."""
    verbs = allowed_verbs(case.status, VENDOR)
    return Actions(
        "start" in verbs, asks_first(facts), "cancel" in verbs and not case.claim_in_review, undoable
    )


def tell_next(
    dossier: Dossier, found: Eligibility, desk: Desk, stuck: Collection[StepKind], *, staff: bool = False
) -> NextStep:
    """The one sentence a reader came for; staff read what the vendor has to do. `stuck`: steps that have failed."""
    assert dossier.case is not None  # noqa: S101 - only cases have a page
    head = _Head(dossier, dossier.case, found, desk.policy, desk.today, stuck, staff)
    tell = {
        statuses.AWAITING_APPROVAL: head.tell_waiting,
        statuses.FAILED: head.tell_failed,
        statuses.RUNNING: head.tell_running,
        statuses.READY_FOR_HANDOVER: head.tell_ready,
        statuses.BLOCKED: head.tell_blocked,
        statuses.HANDED_OVER: head.tell_handed_over,
    }
    return tell.get(dossier.case.status, head.tell_ended)()


@dataclass(frozen=True)
class _Head:
    """One method per status; each says what comes and what the reader has to do."""

    dossier: Dossier
    case: Case
    found: Eligibility
    policy: Policy
    today: dt.date
    stuck: Collection[StepKind]
    staff: bool

    def tell_waiting(self) -> NextStep:
        if asks_first(self.dossier.read_facts()) and self.found.may_start:
            return self.tell_ready()
        if self.dossier.read_facts().scheme == DUNNING_ONLY:
            note = _("With Start the next step goes out.")
        elif self.staff:
            note = _("With Start the next step goes out; the vendor's Start also agrees to the handover.")
        else:
            note = _("With Start the next step goes out; Start also agrees to the handover at the end.")
        return self._say(self._title_approval(), note if self.found.may_start else self._name_red())

    def tell_failed(self) -> NextStep:
        if MANDATE_TAKEN in self.case.failure_reasons:
            note = _(
                "Support asks the partner which claim it means: %(numbers)s.", numbers=self.case.failure_note
            )
            return self._say(str(REASON_LABELS[MANDATE_TAKEN]), note)
        if REJECTED in self.case.failure_reasons:
            reason = self.case.failure_note or _("The partner gives no reason.")
            note = _("%(reason)s – Correct it, then Start submits it again.", reason=reason)
            return self._say(_("Rejected by the collection partner"), note)
        note = _("Everything needed is there now: the case can be started.")
        return self._say(_("The conditions are not met"), note if self.found.may_start else self._name_red())

    def tell_running(self) -> NextStep:
        if self.case.claim_in_review:
            note = _(
                "The collection partner checks the claim. Until then address and amount stay as they are."
            )
            return NextStep(_("Being reviewed by the collection partner"), note, "hands", "run")
        planned = list_planned(self.dossier.read_facts(), self.policy, self.today)
        step = next((step for step in planned if step.kind not in terms.CALLS), None)
        if step is None:
            return self._say(_("No further step is planned"))
        ends = step.kind == terms.HANDOVER and self.dossier.read_facts().scheme == DUNNING_ONLY
        label = _("Termination of the order") if ends else label_step(step.kind)
        if step.kind in self.stuck:
            note = _("Under E-mail it can be sent again.") if self.staff else LOOKED_INTO
            return NextStep(_("%(step)s could not be sent", step=label), str(note), "alert", "bad")
        if step.kind in terms.LETTERS and not self.found.may_start:
            red = ", ".join(label_point(point.key) for point in self.found.red(START_POINTS))
            return NextStep(_("%(step)s waits", step=label), _("Red: %(points)s", points=red), "bang", "bad")
        day = _("today") if step.due <= self.today else _("on %(day)s", day=write_day(step.due))
        title = _("Next step: %(step)s %(day)s", step=label, day=day)
        note = self._name_hindrance() or ("" if self.staff else _("You need not do anything."))
        if step.deadline:
            note = _("Deadline %(day)s.", day=write_day(step.deadline)) + " " + note
        return NextStep(title, note, STEP_ICONS[step.kind], "run")

    def tell_ready(self) -> NextStep:
        cost = write_money(self.policy.cancellation.vendor_fee)
        reason = _("The payment was charged back.") if self.case.chargeback else _("Both letters are out.")
        note = _("Start hands the claim over today; stopping it after that costs %(cost)s.", cost=cost)
        return self._say(self._title_approval(), f"{reason} {note}")

    def tell_blocked(self) -> NextStep:
        until, reason = self.case.blocked_until, BLOCK_LABELS.get(self.case.blocked_reason or "")
        title = _("Paused until %(day)s", day=write_day(until)) if until else _("Paused by support")
        return self._say(title, f"{reason}." if reason else "")

    def tell_handed_over(self) -> NextStep:
        day = write_day(self.case.handed_over_on) if self.case.handed_over_on else ""
        if self.case.hold_until and is_held(self.case.hold_until, self.today):
            until = write_day(self.case.hold_until)
            return NextStep(_("On hold until %(day)s", day=until), "", "pause", "off")
        return self._say(_("With the collection partner since %(day)s", day=day))

    def tell_ended(self) -> NextStep:
        day = write_day(self.case.ended_on) if self.case.ended_on else ""
        return self._say(_("Ended on %(day)s", day=day), _("Nothing more is planned."))

    def _name_hindrance(self) -> str:
        """A letter waits for a red point, and a handover would fail for it: no note may say that all is well."""
        red = len(self.found.red(START_POINTS))
        if not red:
            return ""
        return ngettext(
            "One point is red: it goes on once that is mended.",
            "%(num)s points are red: it goes on once they are mended.",
            red,
        )

    def _title_approval(self) -> str:
        return _("Next step: the vendor's approval") if self.staff else _("Next step: your approval")

    def _say(self, title: str, note: str = "") -> NextStep:
        look = STATUS_LOOKS[self.case.status]
        return NextStep(title, note, look.icon, look.hue)

    def _name_red(self) -> str:
        red = sum_up(self.found).red
        return ngettext(
            "Start is not possible yet: one point is red.",
            "Start is not possible yet: %(num)s points are red.",
            red,
        )
