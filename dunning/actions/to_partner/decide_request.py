"""Support decides about a cancellation request: passed on, or declined; and notes when the partner refuses it."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.refusals import AlreadyDecided, CannotRequest, NotFound, ReasonMissing
from dunning.actions.to_partner.cancellation import (
    find_present_obstacle,
    pass_on,
    stop_telling,
)
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.partner import CancellationRequest
from dunning.rules.terms import RequestState
from dunning.work import Actor, Work, begin_work


def approve_request(request_id: int, actor: Actor, desk: Desk) -> None:
    """Passes it on: at once, or when the claim under review is accepted.

    Raises AlreadyDecided, CannotRequest (the claim went to court, or ended, meanwhile), NotFound.
    """
    with begin_work(desk, actor) as work:
        case = _open_case(work.session, request_id)
        row = _decide(work, request_id, "sent")
        if obstacle := find_present_obstacle(work.session, case):
            raise CannotRequest(obstacle)
        note_event(work, case, "approve_cancellation")
        pass_on(work, case, row)


def decline_request(request_id: int, reason: str, actor: Actor, desk: Desk) -> None:
    """The claim stays with the partner; the vendor reads the reason. Raises AlreadyDecided, ReasonMissing, NotFound."""
    reason = reason.strip()
    with begin_work(desk, actor) as work:
        case = _open_case(work.session, request_id)
        _decide(work, request_id, "declined", reason)
        if not reason:
            raise ReasonMissing("reason")
        note_event(work, case, "decline_cancellation", reason=reason)


def note_refusal(request_id: int, reason: str, actor: Actor, desk: Desk) -> None:
    """The partner will not cancel, as support has heard: the request is over and the vendor may ask again.

    Raises AlreadyDecided unless it is under way, ReasonMissing, NotFound.
    """
    reason = reason.strip()
    with begin_work(desk, actor) as work:
        case = _open_case(work.session, request_id)
        _decide(work, request_id, "declined", reason, source="sent")
        if not reason:
            raise ReasonMissing("reason")
        stop_telling(work, case, "refused_by_partner")
        note_event(work, case, "refuse_cancellation", reason=reason)


def _open_case(session: Session, request_id: int) -> Case:
    """The receivable's lock comes first, as in every verb."""
    case_id = session.scalar(select(CancellationRequest.case_id).where(CancellationRequest.id == request_id))
    if case_id is None:
        raise NotFound(request_id)
    return open_case_dossier(session, case_id, None)[1]


def _decide(
    work: Work,
    request_id: int,
    state: RequestState,
    reason: str = "",
    *,
    source: RequestState = "waiting",
) -> CancellationRequest:
    decided = {"decided_by": work.actor.user_id, "decided_at": work.now, "decision_reason": reason}
    query = update(CancellationRequest).where(
        CancellationRequest.id == request_id, CancellationRequest.state == source
    )
    taken = query.values(state=state, **decided).returning(CancellationRequest.id)
    if work.session.scalar(taken) is None:
        raise AlreadyDecided(request_id)
    return work.session.get_one(CancellationRequest, request_id, populate_existing=True)
