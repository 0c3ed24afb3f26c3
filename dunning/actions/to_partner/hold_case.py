"""Hold (Mahnstopp): a pause of a case at the partner, told to the partner and over by itself.

There is no undo and no early end: the form names the last day before it is sent, and the partner is told at once.
"""

import datetime as dt

from sqlalchemy import select

from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.refusals import ReasonMissing
from dunning.actions.dossier.tell_partner import has_mandate, tell_partner
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.database import db
from dunning.records.partner import Hold
from dunning.rules.partner.hold import end_hold
from dunning.rules.partner.messages import HoldMessage
from dunning.rules.statuses import HANDED_OVER, SUPPORT, Refused
from dunning.work import Actor, Work, begin_work


class HoldRunning(Exception):
    """A hold runs until the end of `until` (local day); the next one can begin on the day after."""

    def __init__(self, until: dt.date) -> None:
        self.until = until
        super().__init__(f"on hold until {until}")


def hold_case(case_id: int, days: int, actor: Actor, desk: Desk, *, request: str = "") -> dt.date:
    """Pauses the case for 1 to 42 days (policy) and tells the partner; returns the last day.

    Support needs the vendor's written `request` and quotes it. Raises ValueError for other days, ReasonMissing,
    HoldRunning until the day after the last one ended, Refused for a case not at the partner, NotFound.
    """
    with begin_work(desk, actor) as work:
        _, case = open_case_dossier(work.session, case_id, actor.vendor_id)
        _check_case(work, case)
        until = end_hold(desk.today, days, desk.policy.limits.hold_days)
        if actor.side == SUPPORT and not request.strip():
            raise ReasonMissing("request")
        _add_hold(work, case, until, request.strip())
    return until


def _check_case(work: Work, case: Case) -> None:
    if case.status != HANDED_OVER or not has_mandate(work.session, case):
        raise Refused(case.status, "hold", work.actor.side)
    last = work.session.scalar(
        select(Hold).where(Hold.case_id == case.id).order_by(Hold.until.desc()).limit(1)
    )
    # one that ended with its status may have begun today: nobody holds twice on a day
    if last and last.until >= work.today and (case.hold_until or last.started_on == work.today):
        raise HoldRunning(last.until)


def _add_hold(work: Work, case: Case, until: dt.date, request: str) -> None:
    work.session.add(
        Hold(
            vendor_id=case.vendor_id,
            case_id=case.id,
            started_on=work.today,
            until=until,
            request=request,
            user_id=work.actor.user_id,
            created_at=work.now,
        )
    )
    case.hold_until = until
    day = until.isoformat()
    note_event(work, case, "hold", reason=request, until=day)
    message = HoldMessage(case_id=case.id, until=until, text=request)
    tell_partner(work, case, message, key=work.today.isoformat())


def end_holds(desk: Desk) -> None:
    """Holds whose last day is over end, one transaction each; the partner knows the day and needs no word."""
    over = select(Case.id).where(Case.hold_until < desk.today).order_by(Case.id)
    for case_id in db.session.scalars(over).all():
        with begin_work(desk) as work:
            _, case = open_case_dossier(work.session, case_id, None)
            if case.hold_until and case.hold_until < desk.today:
                note_event(work, case, "end_hold", until=case.hold_until.isoformat())
                case.hold_until = None
