"""The handover as it is seen from here: frozen before it is sent, `handed_over` when the partner has accepted."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.at_partner.open_mandate import open_mandate
from dunning.actions.course.advance import schedule_after_today
from dunning.actions.course.stop_order import end_case
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import change_status, note_event
from dunning.actions.dossier.ledger import NewEntry, post_entry, refresh_sums
from dunning.actions.dossier.tell_money import tell_later_money
from dunning.actions.dossier.tell_partner import drop_waiting
from dunning.actions.letters.send_step import mark_done, supersede_step
from dunning.actions.people.portal import invite_vendor
from dunning.actions.to_partner.cancellation import drop_request, pass_on_open, request_by_system
from dunning.desk import Desk
from dunning.errand import StepErrand
from dunning.records.cases import Case, Letter, Step
from dunning.records.database import db
from dunning.records.orders import Order, Receivable
from dunning.records.partner import Mandate
from dunning.rules.course.eligibility import check
from dunning.rules.money.claim import compute_claim
from dunning.rules.partner.handover import (
    MANDATE_TAKEN,
    REJECTED,
    Handover,
    freeze_handover,
    list_red_points,
    prepare_handover,
    thaw_handover,
)
from dunning.rules.statuses import FAILED, HANDED_OVER, RUNNING
from dunning.work import Work, begin_work


@dataclass(frozen=True)
class Frozen:
    """What is handed over. `wanted` is False once the case has ended: then nothing is released any more."""

    handover: Handover
    wanted: bool = True


def freeze_claim(errand: StepErrand, desk: Desk, adapter: str) -> Frozen | None:
    """Checks everything again, posts the interest of the day and freezes what will be handed over.

    From here until the answer the case is "in review": Cancel and a new address are refused. None when the claim must
    not be handed over any more; a case whose claim lacks what this partner requires (`adapter`) has failed then. Asked
    again (a retry) it returns what was frozen first, unless the case has ended and the partner has no claim.
    """
    with begin_work(desk) as work:
        dossier = open_dossier(work.session, errand.receivable_id)
        if "handover" in errand.payload:
            return _resume(work, dossier, errand)
        case = dossier.case
        ready = check(dossier.read_facts(), desk.policy, desk.today).may_hand_over
        if case is None or case.status != RUNNING or case.handover_consent == "none" or not ready:
            supersede_step(work, dossier, errand, "not_due_any_more")
            return None
        if missing := list_red_points(_compose(dossier, case, errand, desk), adapter):
            _fail_incomplete(work, dossier, case, errand, missing)
            return None
        running = compute_claim(dossier.read_facts(), desk.policy, desk.today).running
        post_entry(work, dossier, NewEntry("interest", running, desk.today, source="handover"))
        refresh_sums(work, dossier)
        case.claim_in_review = True
        tell_later_money(work, dossier, errand.reference)
        handover = _compose(dossier, case, errand, desk)
        effects.enter_talk(work.session, errand, {"handover": freeze_handover(handover)})
        return Frozen(handover)


def _resume(work: Work, dossier: Dossier, errand: StepErrand) -> Frozen | None:
    """What was frozen before; nothing once the case has ended and the partner has no claim."""
    wanted = dossier.case is not None and dossier.case.status == RUNNING
    if not wanted and "claim_id" not in errand.evidence:
        _drop(work, dossier, errand)
        return None
    return Frozen(thaw_handover(errand.payload["handover"]), wanted)


def drop_claim(errand: StepErrand, desk: Desk) -> None:
    """The case has ended before its claim was released: it never will be, and the partner does nothing with it."""
    with begin_work(desk) as work:
        _drop(work, open_dossier(work.session, errand.receivable_id), errand)


def _drop(work: Work, dossier: Dossier, errand: StepErrand) -> None:
    if dossier.case:
        dossier.case.claim_in_review = False
        drop_waiting(work, dossier.case, "not_due_any_more")
    supersede_step(work, dossier, errand, "not_due_any_more")


def _compose(dossier: Dossier, case: Case, errand: StepErrand, desk: Desk) -> Handover:
    """The claim of today; one that is submitted again names the claim before it."""
    return prepare_handover(dossier.read_facts(), errand.reference, desk.today, case.claim_id or "")


def _fail_incomplete(work: Work, dossier: Dossier, case: Case, errand: StepErrand, points: list[str]) -> None:
    """The partner could not take it: nothing is sent, the case fails with the points that are red for it."""
    supersede_step(work, dossier, errand, "incomplete")
    case.failure_reasons, case.failure_note = points, ""
    change_status(work.by_system, case, "fail", FAILED, points=points)
    schedule_after_today(work, dossier)


def list_documents(errand: StepErrand) -> list[tuple[str, str]]:
    """(file name, SHA-256) of the letters that go with the claim: those that went out."""
    query = (
        select(Letter)
        .join(Step, Step.id == Letter.step_id)
        .where(Step.receivable_id == errand.receivable_id, Step.state == "done")
        .order_by(Letter.number)
    )
    return [(f"{letter.kind}-{letter.on_date}.pdf", letter.sha256) for letter in db.session.scalars(query)]


def accept_claim(errand: StepErrand, desk: Desk, claim_id: str, mandate_id: str | None) -> None:
    """The partner has accepted: the case is handed over. One no longer running only records it, for support.

    A mandate that is another case's already is refused, and support sees both: its news would be of one claim only.
    """
    with begin_work(desk) as work:
        dossier, case = _open_case(work.session, errand)
        if other := _find_other_order(work.session, case, mandate_id):
            _refuse_mandate(work, dossier, errand, f"{claim_id} · {mandate_id} · {other}")
            return
        case.claim_in_review, case.claim_id, case.mandate_id = False, claim_id, mandate_id
        mark_done(dossier, errand, desk)
        evidence = {"claim_id": claim_id, "mandate_id": mandate_id}
        effects.finish(work.session, errand, desk.now, evidence)
        if mandate_id:
            open_mandate(work, case, mandate_id, (claim_id,))
        if case.status == RUNNING:
            change_status(
                work,
                case,
                "accept_claim",
                HANDED_OVER,
                claim_id=claim_id,
                mandate_id=mandate_id,
            )
            case.handed_over_on = desk.today
            pass_on_open(work, case)
            invite_vendor(work, case.vendor_id, dossier.order.order_id)
        else:
            note_event(work, case, "late_acceptance", claim_id=claim_id, mandate_id=mandate_id)
            request_by_system(work, case, "late_acceptance")
        schedule_after_today(work, dossier)


def _find_other_order(session: Session, case: Case, mandate_id: str | None) -> str | None:
    """The order that this mandate belongs to, when it is another case's."""
    query = select(Order.order_id).join(Receivable).join(Case).join(Mandate, Mandate.case_id == Case.id)
    return session.scalar(query.where(Mandate.mandate_id == mandate_id, Mandate.case_id != case.id))


def _refuse_mandate(work: Work, dossier: Dossier, errand: StepErrand, numbers: str) -> None:
    """`numbers`: claim, mandate and the order that has it, for whoever asks the partner which claim it means."""
    case, step = dossier.known_case, dossier.step(errand.step_id)
    case.claim_in_review = False
    drop_waiting(work, case, MANDATE_TAKEN)
    step.state, step.reason = "superseded", MANDATE_TAKEN
    effects.finish(work.session, errand, work.now, {"refused": numbers})
    if case.status == RUNNING:
        case.failure_reasons, case.failure_note = [MANDATE_TAKEN], numbers
        change_status(work.by_system, case, "fail", FAILED, reason=MANDATE_TAKEN, numbers=numbers)
    else:
        note_event(work, case, "late_acceptance", numbers=numbers)
    schedule_after_today(work, dossier)


def reject_claim(errand: StepErrand, desk: Desk, claim_id: str | None, reasons: tuple[str, ...]) -> None:
    """The partner has rejected: the case fails with the partner's own words."""
    with begin_work(desk) as work:
        dossier, case = _open_case(work.session, errand)
        case.claim_in_review, case.claim_id = False, claim_id or case.claim_id
        drop_waiting(work, case, REJECTED)
        step = dossier.step(errand.step_id)
        step.state, step.reason = "superseded", REJECTED
        effects.finish(work.session, errand, desk.now, {"claim_id": claim_id, "rejected": list(reasons)})
        if case.status == RUNNING:
            fail_rejected(work, case, reasons)
        if drop_request(work, case, "rejected"):  # then Cancel's rule ends it, free of charge
            end_case(work, dossier, reason="cancellation_request")
        schedule_after_today(work, dossier)


def fail_rejected(work: Work, case: Case, reasons: tuple[str, ...]) -> None:
    """The case fails with the partner's words; without any the code stands for them."""
    case.failure_reasons, case.failure_note = [REJECTED], " · ".join(reasons)
    reason = case.failure_note or REJECTED
    change_status(work.by_system, case, "fail", FAILED, reason=reason, claim_id=case.claim_id)


def _open_case(session: Session, errand: StepErrand) -> tuple[Dossier, Case]:
    dossier = open_dossier(session, errand.receivable_id)
    return dossier, dossier.known_case
