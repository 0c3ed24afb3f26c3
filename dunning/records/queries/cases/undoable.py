"""Which changes of cases can still be undone: Start until its first effect is taken, Cancel until midnight.

Read for a whole page in one statement; the verb that undoes asks the same question for its case.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.rules.statuses import CANCELLED, CLOSED, RUNNING, VENDOR

START, CANCEL = "start", "cancel"


def list_undoable(session: Session, case_ids: Sequence[int], today: dt.date) -> dict[int, History]:
    """By case, the change that can be undone now; its `verb` is start or cancel. Cases without one are left out."""
    if not case_ids:
        return {}
    newest = (
        select(func.max(History.id))
        .where(History.case_id.in_(case_ids), History.to_status.is_not(None))
        .group_by(History.case_id)
    )
    taken = exists().where(
        Effect.receivable_id == History.receivable_id,
        Effect.created_at >= History.recorded_at,
        Effect.attempt > 0,
    )
    query = (
        select(History, Case, taken)
        .join(Case, Case.id == History.case_id)
        .where(History.id.in_(newest), History.actor == VENDOR, History.to_status == Case.status)
    )
    return {
        case.id: change
        for change, case, begun in session.execute(query)
        if _can_undo(change, case, today, begun=begun)
    }


def _can_undo(change: History, case: Case, today: dt.date, *, begun: bool) -> bool:
    if change.verb == CANCEL and case.status in (CANCELLED, CLOSED):
        return change.on_date == today and case.handed_over_on is None
    return change.verb == START and case.status == RUNNING and not begun
