"""Start: the vendor's consent. Goes on at the first step not done; nothing changes while a Start point is red."""

import datetime as dt
from typing import Any

from dunning.actions.course.advance import advance_dossier
from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.history import change_status
from dunning.actions.dossier.refusals import ReasonMissing, RedPoints
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.rules.course.eligibility import START_POINTS, check
from dunning.rules.statuses import READY_FOR_HANDOVER, RUNNING, VENDOR, check_change
from dunning.work import Actor, begin_work


def start_case(case_id: int, actor: Actor, desk: Desk, *, request: str = "", reason: str = "") -> None:
    """Raises Refused for a status that cannot be started, RedPoints naming what is missing, NotFound.

    A vendor's Start is the consent to the handover. Support's is only with the vendor's written `request`, which the
    history quotes; without one the case will wait for consent, and one that does so already raises ReasonMissing.
    Support's own `reason` stands in the history beside it.
    """
    request, reason = request.strip(), reason.strip()
    with begin_work(desk, actor) as work:
        dossier, case = open_case_dossier(work.session, case_id, actor.vendor_id)
        check_change(case.status, RUNNING, "start", actor.side)
        eligibility = check(dossier.read_facts(), desk.policy, desk.today)
        if not eligibility.may_start:
            raise RedPoints(eligibility, START_POINTS)
        consents = actor.side == VENDOR or bool(request)
        if case.status == READY_FOR_HANDOVER and not consents:
            raise ReasonMissing("request")
        said = {"reason": request or reason, "note": reason if request else ""}
        before = remember_consent(case)
        change_status(work, case, "start", RUNNING, before=before, **said)
        case.started_on = desk.today
        case.failure_reasons, case.failure_note = [], ""
        if case.scheme is None:
            case.scheme = dossier.settings.incasso_schema
        if consents:
            case.handover_consent = "start"
            case.consent_by, case.consent_at = f"user {actor.user_id}", desk.now
        advance_dossier(work, dossier)


def remember_consent(case: Case) -> dict[str, Any]:
    """What Start is about to change, as undo will need it."""
    return {
        "scheme": case.scheme,
        "consent": case.handover_consent,
        "consent_by": case.consent_by,
        "consent_at": case.consent_at.isoformat() if case.consent_at else None,
        "started_on": case.started_on.isoformat() if case.started_on else None,
        "reasons": case.failure_reasons,
        "note": case.failure_note,
    }


def restore_consent(case: Case, before: dict[str, Any]) -> None:
    """Puts back what `remember_consent` kept."""
    consent_at, started_on = before["consent_at"], before["started_on"]
    case.scheme = before["scheme"]
    case.handover_consent, case.consent_by = before["consent"], before["consent_by"]
    case.consent_at = dt.datetime.fromisoformat(consent_at) if consent_at else None
    case.started_on = dt.date.fromisoformat(started_on) if started_on else None
    case.failure_reasons, case.failure_note = before["reasons"], before["note"]
