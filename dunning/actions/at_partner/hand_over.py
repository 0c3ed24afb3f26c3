"""The handover as it is seen from here: frozen before it is sent, `handed_over` when the partner has accepted."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.at_partner.open_mandate import open_mandate
from dunning.actions.course.advance import schedule_file
from dunning.actions.course.stop_order import end_case
from dunning.actions.dossier.actor import SYSTEM
from dunning.actions.dossier.dossier import File, open_file
from dunning.actions.dossier.history import change_status, note_event
from dunning.actions.dossier.ledger import post_entry, refresh_sums
from dunning.actions.dossier.tell_money import tell_later_money
from dunning.actions.dossier.tell_partner import drop_waiting
from dunning.actions.letters.send_step import mark_done, supersede_step
from dunning.actions.people.portal import invite_vendor
from dunning.actions.to_partner.cancellation import drop_request, pass_on_open, request_by_system
from dunning.desk import Desk
from dunning.effects import Claimed
from dunning.records.cases import Case, Letter, Step
from dunning.records.database import db, transaction
from dunning.rules.course.eligibility import check
from dunning.rules.money.claim import compute_claim
from dunning.rules.partner.handover import (
    REJECTED,
    Handover,
    freeze_handover,
    list_red_points,
    prepare_handover,
    thaw_handover,
)
from dunning.rules.statuses import FAILED, HANDED_OVER, RUNNING


@dataclass(frozen=True)
class Frozen:
    """What is handed over. `wanted` is False once the case has ended: then nothing is released any more."""

    handover: Handover
    wanted: bool = True


def freeze_claim(claimed: Claimed, desk: Desk, adapter: str) -> Frozen | None:
    """Checks everything again, posts the interest of the day and freezes what will be handed over.

    From here until the answer the case is "in review": Cancel and a new address are refused. None when the claim must
    not be handed over any more; a case whose claim lacks what this partner requires (`adapter`) has failed then. Asked
    again (a retry) it returns what was frozen first, unless the case has ended and the partner has no claim.
    """
    with transaction() as session:
        file = open_file(session, claimed.receivable_id)
        if "handover" in claimed.payload:
            return _resume(session, file, claimed, desk)
        case = file.case
        ready = check(file.facts, desk.policy, desk.today).may_hand_over
        if case is None or case.status != RUNNING or case.handover_consent == "none" or not ready:
            supersede_step(session, file, claimed, desk, "not_due_any_more")
            return None
        if missing := list_red_points(_compose(file, case, claimed, desk), adapter):
            _fail_incomplete(session, file, case, claimed, desk, missing)
            return None
        running = compute_claim(file.facts, desk.policy, desk.today).running
        post_entry(session, file, "interest", running, desk.today, desk, source="handover")
        refresh_sums(session, file, desk.today)
        case.claim_in_review = True
        tell_later_money(session, file, claimed.reference, desk)
        handover = _compose(file, case, claimed, desk)
        effects.change(
            session,
            claimed,
            state="sending",
            phase="partner",
            sent_after=effects.find_newest(claimed.receivable_id),
            payload={**claimed.payload, "handover": freeze_handover(handover)},
        )
        return Frozen(handover)


def _resume(session: Session, file: File, claimed: Claimed, desk: Desk) -> Frozen | None:
    """What was frozen before; nothing once the case has ended and the partner has no claim."""
    wanted = file.case is not None and file.case.status == RUNNING
    if not wanted and "claim_id" not in claimed.evidence:
        _drop(session, file, claimed, desk)
        return None
    return Frozen(thaw_handover(claimed.payload["handover"]), wanted)


def drop_claim(claimed: Claimed, desk: Desk) -> None:
    """The case has ended before its claim was released: it never will be, and the partner does nothing with it."""
    with transaction() as session:
        _drop(session, open_file(session, claimed.receivable_id), claimed, desk)


def _drop(session: Session, file: File, claimed: Claimed, desk: Desk) -> None:
    if file.case:
        file.case.claim_in_review = False
        drop_waiting(session, file.case, desk, "not_due_any_more")
    supersede_step(session, file, claimed, desk, "not_due_any_more")


def _compose(file: File, case: Case, claimed: Claimed, desk: Desk) -> Handover:
    """The claim of today; one that is submitted again names the claim before it."""
    return prepare_handover(file.facts, claimed.reference, desk.today, case.claim_id or "")


def _fail_incomplete(
    session: Session, file: File, case: Case, claimed: Claimed, desk: Desk, points: list[str]
) -> None:
    """The partner could not take it: nothing is sent, the case fails with the points that are red for it."""
    supersede_step(session, file, claimed, desk, "incomplete")
    case.failure_reasons, case.failure_note = points, ""
    change_status(session, case, SYSTEM, "fail", FAILED, desk, points=points)
    schedule_file(file, desk)


def list_documents(claimed: Claimed) -> list[tuple[str, str]]:
    """(file name, SHA-256) of the letters that go with the claim: those that went out."""
    query = (
        select(Letter)
        .join(Step, Step.id == Letter.step_id)
        .where(Step.receivable_id == claimed.receivable_id, Step.state == "done")
        .order_by(Letter.number)
    )
    return [(f"{letter.kind}-{letter.on_date}.pdf", letter.sha256) for letter in db.session.scalars(query)]


def accept_claim(claimed: Claimed, desk: Desk, claim_id: str, mandate_id: str | None) -> None:
    """The partner has accepted: the case is handed over. One no longer running only records it, for support."""
    with transaction() as session:
        file, case = _open_case(session, claimed)
        case.claim_in_review, case.claim_id, case.mandate_id = False, claim_id, mandate_id
        mark_done(file, claimed, desk)
        evidence = {"claim_id": claim_id, "mandate_id": mandate_id}
        effects.finish(session, claimed, desk.now, evidence)
        if mandate_id:
            open_mandate(session, case, mandate_id, (claim_id,), desk)
        if case.status == RUNNING:
            change_status(
                session,
                case,
                SYSTEM,
                "accept_claim",
                HANDED_OVER,
                desk,
                claim_id=claim_id,
                mandate_id=mandate_id,
            )
            case.handed_over_on = desk.today
            pass_on_open(session, case, desk)
            invite_vendor(session, case.vendor_id, file.order.order_id, desk)
        else:
            note_event(
                session, case, SYSTEM, "late_acceptance", desk, claim_id=claim_id, mandate_id=mandate_id
            )
            request_by_system(session, case, desk, "late_acceptance")
        schedule_file(file, desk)


def reject_claim(claimed: Claimed, desk: Desk, claim_id: str | None, reasons: tuple[str, ...]) -> None:
    """The partner has rejected: the case fails with the partner's own words."""
    with transaction() as session:
        file, case = _open_case(session, claimed)
        case.claim_in_review, case.claim_id = False, claim_id or case.claim_id
        drop_waiting(session, case, desk, REJECTED)
        step = file.step(claimed.step_id)
        step.state, step.reason = "superseded", REJECTED
        effects.finish(session, claimed, desk.now, {"claim_id": claim_id, "rejected": list(reasons)})
        if case.status == RUNNING:
            fail_rejected(session, case, reasons, desk)
        if drop_request(session, case, desk, "rejected"):  # then Cancel's rule ends it, free of charge
            end_case(session, file, desk, reason="cancellation_request")
        schedule_file(file, desk)


def fail_rejected(session: Session, case: Case, reasons: tuple[str, ...], desk: Desk) -> None:
    """The case fails with the partner's words; without any the code stands for them."""
    case.failure_reasons, case.failure_note = [REJECTED], " · ".join(reasons)
    reason = case.failure_note or REJECTED
    change_status(session, case, SYSTEM, "fail", FAILED, desk, reason=reason, claim_id=case.claim_id)


def _open_case(session: Session, claimed: Claimed) -> tuple[File, Case]:
    file = open_file(session, claimed.receivable_id)
    assert file.case is not None  # noqa: S101 - only cases are handed over
    return file, file.case
