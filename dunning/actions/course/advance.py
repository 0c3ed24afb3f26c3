"""Carries out what the rules decide for one receivable on one day, and notes when to look again."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.course.stop_order import cancel_order
from dunning.actions.dossier.actor import SYSTEM
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import change_status, note_failure, note_opening
from dunning.actions.dossier.ledger import refresh_sums
from dunning.desk import Desk
from dunning.records.cases import Case, Step
from dunning.records.database import transaction
from dunning.rules.course.agenda import Decision, next_decision, next_look
from dunning.rules.course.steps import CALLS, HANDOVER
from dunning.rules.statuses import AWAITING_APPROVAL, FAILED, READY_FOR_HANDOVER, RUNNING

MOST_DECISIONS = 20  # a receivable has eight steps; more than this in one day is a rule that does not settle


def advance_receivable(receivable_id: int, desk: Desk) -> None:
    """Does everything that is to be done with the receivable today, in one transaction."""
    with transaction() as session:
        advance_dossier(session, open_dossier(session, receivable_id), desk)


def advance_dossier(session: Session, dossier: Dossier, desk: Desk) -> None:
    """The same within a verb's transaction."""
    for _ in range(MOST_DECISIONS):
        decision = next_decision(dossier.read_facts(), desk.policy, desk.today)
        if decision is None:
            break
        carry_decision(session, dossier, decision, desk)
    else:
        raise RuntimeError(f"the rules do not settle for receivable {dossier.receivable.id}")
    schedule_after_today(dossier, desk)


def carry_decision(session: Session, dossier: Dossier, decision: Decision, desk: Desk) -> None:
    """Carries out one decision; the caller schedules."""
    _CARRY_OUT[decision.verb](session, dossier, decision, desk)


def schedule_after_today(dossier: Dossier, desk: Desk) -> None:
    """Notes the next step and its day where the run and the pages look for it."""
    look = next_look(dossier.read_facts(), desk.policy, desk.today)
    dossier.receivable.next_step_kind, dossier.receivable.next_step_on = look or (None, None)


def schedule_from_start(dossier: Dossier, desk: Desk) -> None:
    """After facts came in without a day's run: the next run looks at the earliest step nobody has dealt with."""
    look = next_look(dossier.read_facts(), desk.policy, None)
    dossier.receivable.next_step_kind, dossier.receivable.next_step_on = look or (None, None)


def postpone_receivable(receivable_id: int, desk: Desk, error: str) -> None:
    """A receivable the rules choke on is looked at again tomorrow and shown with its error; it stops nobody else."""
    with transaction() as session:
        dossier = open_dossier(session, receivable_id)
        dossier.receivable.next_step_on = desk.today.fromordinal(desk.today.toordinal() + 1)
        note_failure(session, dossier, error, on=desk.today, now=desk.now)


def _add_step(session: Session, dossier: Dossier, decision: Decision, desk: Desk, state: str) -> Step:
    step = Step(
        vendor_id=dossier.receivable.vendor_id,
        receivable_id=dossier.receivable.id,
        kind=decision.kind,
        round=dossier.read_facts().next_round(decision.kind),
        state=state,
        due_on=decision.due,
        created_on=desk.today,
        reason=decision.reason,
    )
    session.add(step)
    session.flush()
    dossier.steps.append(step)
    return step


def _skip_step(session: Session, dossier: Dossier, decision: Decision, desk: Desk) -> None:
    _add_step(session, dossier, decision, desk, "skipped")


def _make_step(session: Session, dossier: Dossier, decision: Decision, desk: Desk) -> None:
    """A call becomes a task for a person; everything else an effect. Handover does not wait: it asked first."""
    step = _add_step(session, dossier, decision, desk, "planned")
    if decision.kind in CALLS:
        return
    delayed = desk.delay and decision.kind != HANDOVER
    effects.put(
        session,
        kind=decision.kind,
        vendor_id=step.vendor_id,
        receivable_id=step.receivable_id,
        step_id=step.id,
        dedupe_key=f"{step.kind}:{step.receivable_id}:{step.round}",
        on_date=desk.today,
        now=desk.now,
        not_before=desk.now + desk.delay if delayed else None,
        pinned=desk.pinned,
    )


def _open_case(session: Session, dossier: Dossier, decision: Decision, desk: Desk) -> None:
    opening = decision.opening
    assert opening is not None  # noqa: S101 - the rules give every opening one
    dossier.case = Case(
        vendor_id=dossier.receivable.vendor_id,
        receivable_id=dossier.receivable.id,
        status=opening.status,
        round=1,
        opened_on=desk.today,
        opened_at=desk.now,
        scheme=dossier.settings.incasso_schema if opening.status == RUNNING else None,
        handover_consent=opening.consent,
        consent_by="settings" if opening.consent == "automatic" else None,
        consent_at=desk.now if opening.consent == "automatic" else None,
        failure_reasons=list(decision.points) if opening.status == FAILED else [],
        failure_note="",
        chargeback=dossier.read_facts().charged_back,
        cancellation_cents=0,
        claim_in_review=False,
        outstanding_cents=0,
    )
    session.add(dossier.case)
    session.flush()
    refresh_sums(session, dossier, desk.today)
    reason = "review" if opening.status == AWAITING_APPROVAL else ""
    note_opening(session, dossier.case, desk, reason=reason, points=dossier.case.failure_reasons)


def _lapse_call(_session: Session, dossier: Dossier, decision: Decision, _desk: Desk) -> None:
    for step in dossier.steps:
        if step.kind == decision.kind and step.state == "planned":
            step.state, step.reason = "lapsed", decision.reason


def _end_block(session: Session, dossier: Dossier, decision: Decision, desk: Desk) -> None:
    case = _running_case(dossier)
    target = case.blocked_from or RUNNING
    change_status(session, case, SYSTEM, "unblock", target, desk, reason=decision.reason)
    case.blocked_from = case.blocked_reason = case.blocked_until = None
    case.unblocked_on = desk.today


def _await_consent(session: Session, dossier: Dossier, _decision: Decision, desk: Desk) -> None:
    case = _running_case(dossier)
    change_status(session, case, SYSTEM, "await_consent", READY_FOR_HANDOVER, desk)


def _fail_case(session: Session, dossier: Dossier, decision: Decision, desk: Desk) -> None:
    case = _running_case(dossier)
    case.failure_reasons, case.failure_note = list(decision.points), ""
    change_status(session, case, SYSTEM, "fail", FAILED, desk, points=list(decision.points))


def _cancel_order(session: Session, dossier: Dossier, decision: Decision, desk: Desk) -> None:
    cancel_order(session, dossier, desk, reason=decision.reason)


def _running_case(dossier: Dossier) -> Case:
    assert dossier.case is not None  # noqa: S101 - only cases get these decisions
    return dossier.case


_CARRY_OUT: dict[str, Callable[[Session, Dossier, Decision, Desk], None]] = {
    "skip": _skip_step,
    "make": _make_step,
    "open": _open_case,
    "lapse": _lapse_call,
    "unblock": _end_block,
    "await_consent": _await_consent,
    "fail": _fail_case,
    "cancel_order": _cancel_order,
}
