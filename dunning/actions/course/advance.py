"""Carries out what the rules decide for one receivable on one day, and notes when to look again."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.course.stop_order import cancel_order
from dunning.actions.dossier.actor import SYSTEM
from dunning.actions.dossier.dossier import File, open_file
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
        advance_file(session, open_file(session, receivable_id), desk)


def advance_file(session: Session, file: File, desk: Desk) -> None:
    """The same within a verb's transaction."""
    for _ in range(MOST_DECISIONS):
        decision = next_decision(file.facts, desk.policy, desk.today)
        if decision is None:
            break
        carry_decision(session, file, decision, desk)
    else:
        raise RuntimeError(f"the rules do not settle for receivable {file.receivable.id}")
    schedule_file(file, desk)


def carry_decision(session: Session, file: File, decision: Decision, desk: Desk) -> None:
    """Carries out one decision; the caller schedules."""
    _CARRY_OUT[decision.verb](session, file, decision, desk)


def schedule_file(file: File, desk: Desk) -> None:
    """Notes the next step and its day where the run and the pages look for it."""
    look = next_look(file.facts, desk.policy, desk.today)
    file.receivable.next_step_kind, file.receivable.next_step_on = look or (None, None)


def schedule_anew(file: File, desk: Desk) -> None:
    """After facts came in without a day's run: the next run looks at the earliest step nobody has dealt with."""
    look = next_look(file.facts, desk.policy, None)
    file.receivable.next_step_kind, file.receivable.next_step_on = look or (None, None)


def postpone_receivable(receivable_id: int, desk: Desk, error: str) -> None:
    """A receivable the rules choke on is looked at again tomorrow and shown with its error; it stops nobody else."""
    with transaction() as session:
        file = open_file(session, receivable_id)
        file.receivable.next_step_on = desk.today.fromordinal(desk.today.toordinal() + 1)
        note_failure(session, file, error, on=desk.today, now=desk.now)


def _add_step(session: Session, file: File, decision: Decision, desk: Desk, state: str) -> Step:
    step = Step(
        vendor_id=file.receivable.vendor_id,
        receivable_id=file.receivable.id,
        kind=decision.kind,
        round=file.facts.next_round(decision.kind),
        state=state,
        due_on=decision.due,
        created_on=desk.today,
        reason=decision.reason,
    )
    session.add(step)
    session.flush()
    file.steps.append(step)
    return step


def _skip_step(session: Session, file: File, decision: Decision, desk: Desk) -> None:
    _add_step(session, file, decision, desk, "skipped")


def _make_step(session: Session, file: File, decision: Decision, desk: Desk) -> None:
    """A call becomes a task for a person; everything else an effect. Handover does not wait: it asked first."""
    step = _add_step(session, file, decision, desk, "planned")
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


def _open_case(session: Session, file: File, decision: Decision, desk: Desk) -> None:
    opening = decision.opening
    assert opening is not None  # noqa: S101 - the rules give every opening one
    file.case = Case(
        vendor_id=file.receivable.vendor_id,
        receivable_id=file.receivable.id,
        status=opening.status,
        round=1,
        opened_on=desk.today,
        opened_at=desk.now,
        scheme=file.settings.incasso_schema if opening.status == RUNNING else None,
        handover_consent=opening.consent,
        consent_by="settings" if opening.consent == "automatic" else None,
        consent_at=desk.now if opening.consent == "automatic" else None,
        failure_reasons=list(decision.points) if opening.status == FAILED else [],
        failure_note="",
        chargeback=file.facts.charged_back,
        cancellation_cents=0,
        claim_in_review=False,
        outstanding_cents=0,
    )
    session.add(file.case)
    session.flush()
    refresh_sums(session, file, desk.today)
    reason = "review" if opening.status == AWAITING_APPROVAL else ""
    note_opening(session, file.case, desk, reason=reason, points=file.case.failure_reasons)


def _lapse_call(_session: Session, file: File, decision: Decision, _desk: Desk) -> None:
    for step in file.steps:
        if step.kind == decision.kind and step.state == "planned":
            step.state, step.reason = "lapsed", decision.reason


def _end_block(session: Session, file: File, decision: Decision, desk: Desk) -> None:
    case = _running_case(file)
    target = case.blocked_from or RUNNING
    change_status(session, case, SYSTEM, "unblock", target, desk, reason=decision.reason)
    case.blocked_from = case.blocked_reason = case.blocked_until = None
    case.unblocked_on = desk.today


def _await_consent(session: Session, file: File, _decision: Decision, desk: Desk) -> None:
    case = _running_case(file)
    change_status(session, case, SYSTEM, "await_consent", READY_FOR_HANDOVER, desk)


def _fail_case(session: Session, file: File, decision: Decision, desk: Desk) -> None:
    case = _running_case(file)
    case.failure_reasons, case.failure_note = list(decision.points), ""
    change_status(session, case, SYSTEM, "fail", FAILED, desk, points=list(decision.points))


def _cancel_order(session: Session, file: File, decision: Decision, desk: Desk) -> None:
    cancel_order(session, file, desk, reason=decision.reason)


def _running_case(file: File) -> Case:
    assert file.case is not None  # noqa: S101 - only cases get these decisions
    return file.case


_CARRY_OUT: dict[str, Callable[[Session, File, Decision, Desk], None]] = {
    "skip": _skip_step,
    "make": _make_step,
    "open": _open_case,
    "lapse": _lapse_call,
    "unblock": _end_block,
    "await_consent": _await_consent,
    "fail": _fail_case,
    "cancel_order": _cancel_order,
}
