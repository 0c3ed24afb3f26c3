"""The wish to end a claim at the collection partner: asked for, passed on, confirmed, or dropped when it is moot.

A vendor, or support on its written request, can only ask; the case ends when the partner confirms. The fee is the
vendor's only when the vendor asked. The system asks when the platform no longer wants the claim (the order was
cancelled or refunded in full, the acceptance came too late): then only the partner's charge to the platform is kept.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.refusals import CannotRequest, ReasonMissing
from dunning.actions.dossier.tell_partner import name_message, tell_partner
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.records.partner import CancellationRequest, Mandate
from dunning.rules.partner.cancellation import ALREADY_ASKED, find_obstacle
from dunning.rules.partner.messages import PARTNER_CANCEL, CancelMessage
from dunning.rules.statuses import HANDED_OVER, RUNNING, SUPPORT, VENDOR, Refused
from dunning.rules.terms import OPEN_REQUESTS, RequestState
from dunning.work import Actor, Work, begin_work

# why a request is moot: money was taken back
OPEN_AGAIN = "open_again"


def request_cancellation(case_id: int, reason: str, actor: Actor, desk: Desk) -> None:
    """Asks for the end at the partner. `reason` is the vendor's; support quotes the vendor's written request.

    It waits for support's decision; a VIP vendor's, and what support itself enters, is passed on at once, of a claim
    still in review when it is accepted. Raises Refused, CannotRequest (in court, ended, asked before), ReasonMissing,
    NotFound.
    """
    with begin_work(desk, actor) as work:
        dossier, case = open_case_dossier(work.session, case_id, actor.vendor_id)
        check_request(work.session, case, actor)
        if not reason.strip():
            raise ReasonMissing("reason")
        straight = dossier.vendor.vip or actor.side == SUPPORT
        row = _add_request(work, case, reason.strip(), state="sent" if straight else "waiting")
        if actor.side == SUPPORT:
            row.decided_by, row.decided_at = actor.user_id, desk.now
        pass_on(work, case, row)


def request_by_system(work: Work, case: Case, reason: str) -> None:
    """The platform's own wish, within a verb's transaction; `reason` is coded. Asked twice it asks once.

    A request of the vendor that still waits gives way to it and costs nothing; one under way stays as it is. In court
    the partner is asked as well: there is no claim any more, and how to end it is the partner's to know.
    """
    row = find_open(work.session, case)
    if row and row.state == "sent":
        return
    drop_request(work, case, reason)
    pass_on(work, case, _add_request(work.by_system, case, reason, state="sent"))


def pass_on(work: Work, case: Case, row: CancellationRequest) -> None:
    """Tells the partner, once per request, if it may be told and has accepted the claim."""
    if row.state != "sent" or case.claim_in_review or _is_told(work.session, case, row):
        return
    message = CancelMessage(case_id=case.id, request_id=row.id, reason=row.reason)
    tell_partner(work, case, message, f"{row.id}")


def pass_on_open(work: Work, case: Case) -> None:
    """The partner has accepted: what was asked for during the review is passed on if it need not wait for support."""
    if row := find_open(work.session, case):
        pass_on(work, case, row)


def confirm_request(work: Work, case: Case) -> bool:
    """The partner has cancelled on our request: books the fee, once. False when nothing was asked of the partner.

    The status is the caller's to change.
    """
    mine = (CancellationRequest.case_id == case.id, CancellationRequest.state == "sent")
    query = update(CancellationRequest).where(*mine).values(state="confirmed", confirmed_on=work.today)
    fee = work.session.scalar(query.returning(CancellationRequest.fee_cents))
    if fee is None:
        return False
    case.cancellation_cents += fee
    note_event(work.by_system, case, "confirm_cancellation", fee_cents=fee)
    return True


def drop_request(work: Work, case: Case, reason: str) -> bool:
    """The open request is moot (paid, rejected, the mandate has ended): nobody pays for it. False without one.

    `reason` is coded. What the partner has not been told yet it will not be told.
    """
    row = find_open(work.session, case)
    if row is None:
        return False
    row.state, row.decided_at, row.decision_reason = "declined", work.now, reason
    stop_telling(work, case, reason)
    note_event(work.by_system, case, "drop_cancellation", reason=reason)
    work.session.flush()
    return True


def was_open_again(session: Session, case: Case) -> bool:
    """Whether the newest request was dropped because the claim was open again: the partner may have heard too late."""
    rows = select(CancellationRequest.decision_reason).where(CancellationRequest.case_id == case.id)
    return session.scalar(rows.order_by(CancellationRequest.id.desc()).limit(1)) == OPEN_AGAIN


def stop_telling(work: Work, case: Case, reason: str) -> None:
    """What the partner has not been told yet, or would be told again until it acknowledges, it will not be told.

    Nor what failed: nobody sends it again.
    """
    telling = (Effect.receivable_id == case.receivable_id, Effect.kind == PARTNER_CANCEL)
    effects.withdraw(work, "stop_telling", reason, *telling)


def find_open(session: Session, case: Case) -> CancellationRequest | None:
    """The request that waits or is under way; a case has one at most."""
    query = select(CancellationRequest).where(
        CancellationRequest.case_id == case.id, CancellationRequest.state.in_(OPEN_REQUESTS)
    )
    return session.scalar(query.execution_options(populate_existing=True))


def check_request(session: Session, case: Case, actor: Actor) -> None:
    """Raises what stands against a request now: Refused by the status, CannotRequest by court, end or an open one."""
    at_partner = case.status == HANDED_OVER or (case.status == RUNNING and case.claim_in_review)
    if not at_partner:
        raise Refused(case.status, "request_cancellation", actor.side)
    if obstacle := find_present_obstacle(session, case):
        raise CannotRequest(obstacle)
    if find_open(session, case):
        raise CannotRequest(ALREADY_ASKED)


def find_present_obstacle(session: Session, case: Case) -> str | None:
    """What the partner's present mandate says against it; before the first look at it nothing."""
    if case.mandate_id is None or case.claim_in_review:
        return None
    mandate = session.scalar(select(Mandate).where(Mandate.mandate_id == case.mandate_id))
    return find_obstacle(mandate.legal_stage, ended=mandate.ended_on is not None) if mandate else None


def _add_request(work: Work, case: Case, reason: str, *, state: RequestState) -> CancellationRequest:
    fees = work.policy.cancellation
    row = CancellationRequest(
        vendor_id=case.vendor_id,
        case_id=case.id,
        state=state,
        reason=reason,
        asked_by=work.actor.side,
        user_id=work.actor.user_id,
        on_date=work.today,
        asked_at=work.now,
        fee_cents=fees.vendor_fee if work.actor.side in (VENDOR, SUPPORT) else 0,
        partner_cents=fees.partner_fee,
        decision_reason="",
    )
    work.session.add(row)
    work.session.flush()
    note_event(work, case, "request_cancellation", reason=reason, fee_cents=row.fee_cents)
    return row


def _is_told(session: Session, case: Case, row: CancellationRequest) -> bool:
    told = select(Effect.id).where(Effect.dedupe_key == name_message(case, PARTNER_CANCEL, f"{row.id}"))
    return session.scalar(told) is not None
