"""Support's change of a status: by the verb the table has for it, never by setting it."""

from sqlalchemy.orm import Session

from dunning.actions.case.block import block_case, unblock_case
from dunning.actions.case.cancel import cancel_case
from dunning.actions.case.hand_over_now import hand_over_now
from dunning.actions.case.reopen import find_former, reopen_case, was_handed_over
from dunning.actions.case.start import start_case
from dunning.actions.dossier.refusals import NotFound
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.database import db
from dunning.rules.statuses import (
    BLOCKED,
    CANCELLED,
    CHANGES,
    CLOSED,
    HANDED_OVER,
    RUNNING,
    SUPPORT,
    Refused,
)
from dunning.rules.terms import CaseStatus
from dunning.work import Actor

# what leads there without more to be said; blocking and money have forms of their own
_VERBS = ("start", "cancel", "unblock", "reopen")
_BACK = ("unblock", "reopen")


def list_targets(session: Session, case: Case) -> list[CaseStatus]:
    """The statuses support can choose now, in the table's order; Cancel decides itself between its two.

    A pause ends only once no dispute is open.
    """
    if case.claim_in_review:
        return []
    over = case.status in (CANCELLED, CLOSED)
    former = find_former(session, case) if over and not was_handed_over(session, case) else case.blocked_from
    choices = [c for c in CHANGES if c.source == case.status and SUPPORT in c.actors and c.verb in _VERBS]
    if case.receivable.disputed:
        choices = [c for c in choices if c.verb != "unblock"]
    found = [c.target for c in choices if c.verb not in _BACK or c.target == former]
    return [*found, HANDED_OVER] if case.status == RUNNING else found


def move_case(
    case_id: int, target: str, actor: Actor, desk: Desk, *, reason: str = "", request: str = ""
) -> None:
    """Raises what the verb raises, and Refused where no verb of support's leads from here to `target`."""
    session = db.session()
    case = session.get(Case, case_id, populate_existing=True)
    if case is None:
        raise NotFound(case_id)
    status = case.status
    if target == BLOCKED:
        block_case(case_id, reason, actor, desk)
    elif target not in list_targets(session, case):
        raise Refused(status, "move", actor.side)
    elif target == HANDED_OVER:
        hand_over_now(case_id, actor, desk, reason=reason)
    elif status in (CANCELLED, CLOSED):
        reopen_case(case_id, reason, actor, desk)
    elif target in (CANCELLED, CLOSED):
        cancel_case(case_id, actor, desk, reason=reason)
    elif status == BLOCKED:
        unblock_case(case_id, actor, desk, reason=reason)
    else:
        start_case(case_id, actor, desk, request=request, reason=reason)
