"""Undo: of Start until its first effect is taken, of Cancel until midnight (local)."""

import datetime as dt

from sqlalchemy.orm import Session

from dunning.actions.case.reopen import put_back
from dunning.actions.case.start import restore_consent
from dunning.actions.course.advance import schedule_from_start
from dunning.actions.course.withdraw import withdraw_effects
from dunning.actions.dossier.dossier import Dossier, open_case_dossier
from dunning.actions.dossier.history import change_status
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.journal import History
from dunning.records.queries.cases.undoable import START, list_undoable
from dunning.rules.statuses import VENDOR, Refused
from dunning.work import Actor, Work, begin_work


def find_undo(session: Session, case: Case, today: dt.date) -> History | None:
    """The change that can be undone now: its `verb` is start or cancel. None when there is none."""
    return list_undoable(session, [case.id], today).get(case.id)


def undo_case(case_id: int, actor: Actor, desk: Desk) -> None:
    """Takes the vendor's last Start or Cancel back. Raises Refused when it is too late, NotFound."""
    with begin_work(desk, actor) as work:
        dossier, case = open_case_dossier(work.session, case_id, actor.vendor_id)
        undone = find_undo(work.session, case, desk.today)
        if undone is None or undone.from_status is None or actor.side != VENDOR:
            raise Refused(case.status, "undo", actor.side)
        if undone.verb == START:
            _undo_start(work, dossier, case, undone)
        else:
            put_back(work, dossier, "reopen")


def _undo_start(work: Work, dossier: Dossier, case: Case, undone: History) -> None:
    assert undone.from_status  # noqa: S101 - undo_case has seen it
    withdraw_effects(work, dossier, "undone")
    change_status(work, case, "undo_start", undone.from_status)
    restore_consent(case, undone.detail["before"])
    schedule_from_start(work, dossier)
