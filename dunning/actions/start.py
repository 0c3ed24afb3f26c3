"""Start: the vendor's consent. Goes on at the first step not done; nothing changes while a Start point is red."""

from dunning.actions.actor import Actor
from dunning.actions.advance import advance_file
from dunning.actions.desk import Desk
from dunning.actions.facts import open_case_file
from dunning.actions.journal import note_change, note_form
from dunning.actions.refusals import RedPoints
from dunning.records.database import transaction
from dunning.rules.eligibility import START_POINTS, check
from dunning.rules.statuses import RUNNING, VENDOR, check_change


def start_case(case_id: int, actor: Actor, desk: Desk) -> None:
    """Raises Refused for a status that cannot be started, RedPoints naming what is missing, NotFound.

    A vendor's Start sets the consent to the handover. Support's does not: the case then waits for it.
    """
    with transaction() as session:
        file, case = open_case_file(session, case_id, actor.vendor_id)
        check_change(case.status, RUNNING, "start", actor.side)
        eligibility = check(file.facts, desk.policy, desk.today)
        if not eligibility.may_start:
            raise RedPoints(eligibility, START_POINTS)
        note_form(session, actor, desk.now)
        before = {"scheme": case.scheme, "consent": case.handover_consent, "reasons": case.failure_reasons}
        note_change(session, case, actor, "start", to=RUNNING, on=desk.today, now=desk.now, before=before)
        case.started_on = desk.today
        case.failure_reasons, case.failure_note = [], ""
        if case.scheme is None:
            case.scheme = file.settings.incasso_schema
        if actor.side == VENDOR:
            case.handover_consent = "start"
            case.consent_by, case.consent_at = f"user {actor.user_id}", desk.now
        advance_file(session, file, desk)
