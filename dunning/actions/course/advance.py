"""Carries out what the rules decide for one receivable on one day, and notes when to look again."""

from collections.abc import Callable

from dunning import effects
from dunning.actions.course.stop_order import cancel_order
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import change_status, note_failure, note_opening
from dunning.actions.dossier.ledger import refresh_sums
from dunning.desk import Desk
from dunning.errand import Outgoing
from dunning.records.cases import Case, Step
from dunning.rules.course.agenda import Decision, next_decision, next_look
from dunning.rules.statuses import AWAITING_APPROVAL, FAILED, READY_FOR_HANDOVER, RUNNING
from dunning.rules.terms import CALLS, HANDOVER, StepState
from dunning.work import Work, begin_work

MOST_DECISIONS = 20  # a receivable has eight steps; more than this in one day is a rule that does not settle


def advance_receivable(receivable_id: int, desk: Desk) -> None:
    """Does everything that is to be done with the receivable today, in one transaction."""
    with begin_work(desk) as work:
        advance_dossier(work, open_dossier(work.session, receivable_id))


def advance_dossier(work: Work, dossier: Dossier) -> None:
    """Carries out what the rules decide for today until they say nothing more, and schedules."""
    for _ in range(MOST_DECISIONS):
        decision = next_decision(dossier.read_facts(), work.policy, work.today)
        if decision is None:
            break
        carry_decision(work, dossier, decision)
    else:
        raise RuntimeError(f"the rules do not settle for receivable {dossier.receivable.id}")
    schedule_after_today(work, dossier)


def carry_decision(work: Work, dossier: Dossier, decision: Decision) -> None:
    """Carries out one decision; the caller schedules."""
    _CARRY_OUT[decision.verb](work, dossier, decision)


def schedule_after_today(work: Work, dossier: Dossier) -> None:
    """Notes the next step and its day where the run and the pages look for it."""
    look = next_look(dossier.read_facts(), work.policy, work.today)
    dossier.receivable.next_step_kind, dossier.receivable.next_step_on = look or (None, None)


def schedule_from_start(work: Work, dossier: Dossier) -> None:
    """After facts came in without a day's run: the next run looks at the earliest step nobody has dealt with."""
    look = next_look(dossier.read_facts(), work.policy, None)
    dossier.receivable.next_step_kind, dossier.receivable.next_step_on = look or (None, None)


def postpone_receivable(receivable_id: int, desk: Desk, error: str) -> None:
    """A receivable the rules choke on is looked at again tomorrow and shown with its error; it stops nobody else."""
    with begin_work(desk) as work:
        dossier = open_dossier(work.session, receivable_id)
        dossier.receivable.next_step_on = desk.today.fromordinal(desk.today.toordinal() + 1)
        note_failure(work, dossier, error)


def _add_step(work: Work, dossier: Dossier, decision: Decision, state: StepState) -> Step:
    assert decision.kind  # noqa: S101 - whatever is made or left out is a step
    step = Step(
        vendor_id=dossier.receivable.vendor_id,
        receivable_id=dossier.receivable.id,
        kind=decision.kind,
        round=dossier.read_facts().next_round(decision.kind),
        state=state,
        due_on=decision.due,
        created_on=work.today,
        reason=decision.reason,
    )
    work.session.add(step)
    work.session.flush()
    dossier.steps.append(step)
    return step


def _skip_step(work: Work, dossier: Dossier, decision: Decision) -> None:
    _add_step(work, dossier, decision, "skipped")


def _make_step(work: Work, dossier: Dossier, decision: Decision) -> None:
    """A call becomes a task for a person; everything else an effect. Handover does not wait: it asked first."""
    step = _add_step(work, dossier, decision, "planned")
    if decision.kind in CALLS:
        return
    delayed = work.desk.delay and decision.kind != HANDOVER
    effects.put(
        work,
        Outgoing(
            kind=step.kind,
            vendor_id=step.vendor_id,
            receivable_id=step.receivable_id,
            step_id=step.id,
            dedupe_key=f"{step.kind}:{step.receivable_id}:{step.round}",
            not_before=work.now + work.desk.delay if delayed else None,
            pinned=work.desk.pinned,
        ),
    )


def _open_case(work: Work, dossier: Dossier, decision: Decision) -> None:
    opening = decision.opening
    assert opening is not None  # noqa: S101 - the rules give every opening one
    dossier.case = Case(
        vendor_id=dossier.receivable.vendor_id,
        receivable_id=dossier.receivable.id,
        status=opening.status,
        round=1,
        opened_on=work.today,
        opened_at=work.now,
        scheme=dossier.settings.incasso_schema if opening.status == RUNNING else None,
        handover_consent=opening.consent,
        consent_by="settings" if opening.consent == "automatic" else None,
        consent_at=work.now if opening.consent == "automatic" else None,
        failure_reasons=list(decision.points) if opening.status == FAILED else [],
        failure_note="",
        chargeback=dossier.read_facts().charged_back,
        cancellation_cents=0,
        claim_in_review=False,
        outstanding_cents=0,
    )
    work.session.add(dossier.case)
    work.session.flush()
    refresh_sums(work, dossier)
    reason = "review" if opening.status == AWAITING_APPROVAL else ""
    note_opening(work, dossier.case, reason=reason, points=dossier.case.failure_reasons)


def _lapse_call(_work: Work, dossier: Dossier, decision: Decision) -> None:
    for step in dossier.steps:
        if step.kind == decision.kind and step.state == "planned":
            step.state, step.reason = "lapsed", decision.reason


def _end_block(work: Work, dossier: Dossier, decision: Decision) -> None:
    case = dossier.known_case
    target = case.blocked_from or RUNNING
    change_status(work.by_system, case, "unblock", target, reason=decision.reason)
    case.blocked_from = case.blocked_reason = case.blocked_until = None
    case.unblocked_on = work.today


def _await_consent(work: Work, dossier: Dossier, _decision: Decision) -> None:
    case = dossier.known_case
    change_status(work.by_system, case, "await_consent", READY_FOR_HANDOVER)


def _fail_case(work: Work, dossier: Dossier, decision: Decision) -> None:
    case = dossier.known_case
    case.failure_reasons, case.failure_note = list(decision.points), ""
    change_status(work.by_system, case, "fail", FAILED, points=list(decision.points))


def _cancel_order(work: Work, dossier: Dossier, decision: Decision) -> None:
    cancel_order(work, dossier, reason=decision.reason)


_CARRY_OUT: dict[str, Callable[[Work, Dossier, Decision], None]] = {
    "skip": _skip_step,
    "make": _make_step,
    "open": _open_case,
    "lapse": _lapse_call,
    "unblock": _end_block,
    "await_consent": _await_consent,
    "fail": _fail_case,
    "cancel_order": _cancel_order,
}
