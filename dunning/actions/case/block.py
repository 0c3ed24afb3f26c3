"""Block and unblock: a pause before the handover, by support or the system, with a reason and perhaps an end."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.course.advance import advance_dossier, schedule_after_today
from dunning.actions.course.stop_order import clear_block
from dunning.actions.course.withdraw import withdraw_effects
from dunning.actions.dossier.dossier import Dossier, open_case_dossier
from dunning.actions.dossier.history import change_status
from dunning.actions.dossier.refusals import InReview
from dunning.desk import Desk
from dunning.records.journal import History
from dunning.rules.statuses import BLOCKED, RUNNING, Refused, check_change
from dunning.work import Actor, Work, begin_work

DISPUTE, PROMISE = "dispute", "promise"
REASONS = (DISPUTE, PROMISE, "unsure", "insolvency", "deceased", "minor", "address_unknown", "legal")


def block_case(
    case_id: int, reason: str, actor: Actor, desk: Desk, *, until: dt.date | None = None, note: str = ""
) -> None:
    """Pauses the case; it goes on by itself on the day after `until`, else when support unblocks it.

    `reason` is one of REASONS (ValueError); the vendor sees it and `until`, never the `note`. Raises Refused, InReview
    while a claim is at the partner, NotFound.
    """
    with begin_work(desk, actor) as work:
        dossier, _ = open_case_dossier(work.session, case_id, actor.vendor_id)
        put_block(work, dossier, reason, until=until, note=note)


def put_block(
    work: Work, dossier: Dossier, reason: str, *, until: dt.date | None = None, note: str = ""
) -> None:
    """Pauses the case of the dossier: what is planned and not begun is taken back, and made anew by unblocking.

    Raises what `block_case` raises.
    """
    case = dossier.known_case
    if reason not in REASONS:
        raise ValueError(f"{reason!r} is no reason to block")
    check_change(case.status, BLOCKED, "block", work.actor.side)
    if case.claim_in_review:
        raise InReview(case.id)
    case.blocked_from, case.blocked_reason, case.blocked_until = case.status, reason, until
    end = until.isoformat() if until else None
    change_status(work, case, "block", BLOCKED, reason=reason, until=end, note=note)
    withdraw_effects(work, dossier, "blocked")
    schedule_after_today(work, dossier)


def restore_block(session: Session, dossier: Dossier) -> None:
    """The block a case had when it last was `blocked`, read from its history, and what the buyer has said since."""
    case = dossier.known_case
    blocks = select(History).where(History.case_id == case.id, History.verb == "block")
    put = session.scalars(blocks.order_by(History.id.desc()).limit(1)).one()
    until = put.detail["until"]
    case.blocked_from, case.blocked_reason = put.from_status, put.reason
    case.blocked_until = dt.date.fromisoformat(until) if until else None
    promised = dossier.receivable.promised_until
    if case.blocked_reason != PROMISE:
        return
    if dossier.receivable.disputed:
        case.blocked_reason, case.blocked_until = DISPUTE, None
    elif promised and case.blocked_until:
        case.blocked_until = max(promised, case.blocked_until)


def unblock_case(case_id: int, actor: Actor, desk: Desk, *, reason: str = "") -> None:
    """Puts the case back to where it came from; its steps go on today at the earliest, no date is moved.

    Raises Refused (also while a dispute is not resolved, whatever blocks it: `resolve_dispute` first), NotFound.
    """
    with begin_work(desk, actor) as work:
        dossier, case = open_case_dossier(work.session, case_id, actor.vendor_id)
        target = case.blocked_from or RUNNING
        check_change(case.status, target, "unblock", actor.side)
        if dossier.receivable.disputed:
            raise Refused(case.status, "unblock", actor.side)
        change_status(work, case, "unblock", target, reason=reason)
        clear_block(case)
        case.unblocked_on = desk.today
        advance_dossier(work, dossier)
