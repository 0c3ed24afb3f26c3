"""What a buyer says on the phone or in a letter: disputes and promises are facts of the receivable.

They exist before a case. With a case before the handover they also block it; at or after the handover the status stays.
"""

import datetime as dt
import secrets

from dunning.actions.case.block import DISPUTE, PROMISE, put_block
from dunning.actions.course.advance import advance_dossier, schedule_after_today
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import note_receivable
from dunning.actions.dossier.tell_partner import is_with_partner, tell_partner
from dunning.desk import Desk
from dunning.rules.partner.messages import DisputeMessage, DisputeNews
from dunning.rules.statuses import BLOCKED, SYSTEM, allowed_verbs
from dunning.work import Actor, Work, begin_work


def record_dispute(receivable_id: int, text: str, actor: Actor, desk: Desk) -> None:
    """The buyer contests the claim: nothing more goes out until it is resolved. Raises NotFound."""
    with begin_work(desk, actor) as work:
        dossier = open_dossier(work.session, receivable_id)
        dossier.receivable.disputed = True
        note_receivable(work, dossier, "dispute", reason=text)
        _tell_partner(work, dossier, "dispute", text)
        _pause_case(work, dossier, DISPUTE)


def resolve_dispute(receivable_id: int, text: str, actor: Actor, desk: Desk) -> None:
    """The dispute is settled. A case it blocked stays blocked until support unblocks it, or a promise ends. Raises
    NotFound.
    """
    with begin_work(desk, actor) as work:
        dossier = open_dossier(work.session, receivable_id)
        dossier.receivable.disputed = False
        note_receivable(work, dossier, "resolve_dispute", reason=text)
        _tell_partner(work, dossier, "resolved", text)
        _leave_to_promise(dossier, desk)
        advance_dossier(work, dossier)


def record_promise(receivable_id: int, until: dt.date, cents: int, actor: Actor, desk: Desk) -> None:
    """The buyer promised to pay `cents` until that local day; dunning waits until the day after. Raises NotFound.

    ValueError for a day that is over or an amount that is none.
    """
    if until < desk.today or cents <= 0:
        raise ValueError("a promise is about the future and about money")
    with begin_work(desk, actor) as work:
        dossier = open_dossier(work.session, receivable_id)
        dossier.receivable.promised_until = until
        note_receivable(work, dossier, "promise", until=until.isoformat(), cents=cents)
        _pause_case(work, dossier, PROMISE, until=until)


def _tell_partner(work: Work, dossier: Dossier, what: DisputeNews, text: str) -> None:
    """From the handover on the claim is the partner's to defend, or to let rest."""
    if dossier.case and is_with_partner(work.session, dossier.case):
        key = secrets.token_hex(8)
        message = DisputeMessage(case_id=dossier.case.id, what=what, text=text)
        tell_partner(work, dossier.case, message, key)


def _pause_case(work: Work, dossier: Dossier, reason: str, until: dt.date | None = None) -> None:
    """Blocks the case where its status allows it; a new promise has its new day, and a dispute outlasts a promise.

    One blocked for another reason keeps it.
    """
    case = dossier.case
    if case and case.blocked_reason == PROMISE:
        case.blocked_reason, case.blocked_until = reason, until
        schedule_after_today(work, dossier)
    elif (
        case
        and case.status != BLOCKED
        and not case.claim_in_review
        and "block" in allowed_verbs(case.status, SYSTEM)
    ):
        put_block(work, dossier, reason, until=until)
    else:
        schedule_after_today(work, dossier)


def _leave_to_promise(dossier: Dossier, desk: Desk) -> None:
    """A promise that is still open goes on blocking what the dispute has blocked."""
    case, until = dossier.case, dossier.receivable.promised_until
    if case and case.blocked_reason == DISPUTE and until and until >= desk.today:
        case.blocked_reason, case.blocked_until = PROMISE, until
