"""News from the partner: a mandate as it stands there now, in one transaction with all that follows from it here.

What follows depends on the answer alone, never on what came before: looked at twice, or late, it gives the same. An
answer older than the last one is left aside.
"""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dunning.actions.at_partner.end_mandate import end_dossier
from dunning.actions.at_partner.hand_over import fail_rejected
from dunning.actions.at_partner.money import book_partner_payments, book_rest
from dunning.actions.at_partner.news import NewsLine, note_news
from dunning.actions.at_partner.open_mandate import open_mandate
from dunning.actions.course.advance import schedule_after_today, schedule_from_start
from dunning.actions.course.charge_back import come_back
from dunning.actions.course.stop_order import end_case
from dunning.actions.dossier.dossier import Dossier, open_case_dossier
from dunning.actions.dossier.tell_partner import drop_waiting
from dunning.actions.to_partner.cancellation import confirm_request, drop_request, was_open_again
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.partner import Hold, Mandate
from dunning.rules.money.claim import sum_entries
from dunning.rules.partner.handover import REJECTED
from dunning.rules.partner.news import FIRST_VALUES, OVER, MandateNews, list_changes
from dunning.rules.statuses import HANDED_OVER
from dunning.rules.terms import HANDOVER
from dunning.work import Work, begin_work

BY_US = "canceled_by_client"
STATES = tuple(FIRST_VALUES)


def take_mandate(news: MandateNews, desk: Desk) -> bool:
    """Takes the news over; False when no case of ours is meant, yet: the answer to its handover may be on its way."""
    with begin_work(desk) as work:
        case_id = _find_case(work.session, news)
        if case_id is None:
            return False
        dossier, case = open_case_dossier(work.session, case_id, None)
        mandate = open_mandate(work, case, news.mandate_id, news.claim_ids)
        if not _is_stale(mandate, news):
            _note_states(work, mandate, news)
            _copy(mandate, news, desk)
            if news.outcome and news.outcome not in OVER:
                # before its money: what goes back while the partner works on stays there
                mandate.ended_on = None
            if news.payments is not None:
                book_partner_payments(work, dossier, mandate, news.payments)
            _follow(work, dossier, case, mandate, news)
    return True


def withdraw_acceptance(claim_id: str, reasons: tuple[str, ...], desk: Desk) -> bool:
    """The partner has rejected a claim that it had accepted: the case fails and can be started again.

    False when no case is at the partner with this claim.
    """
    with begin_work(desk) as work:
        found = select(Case.id).where(Case.claim_id == claim_id, Case.status == HANDED_OVER)
        case_id = work.session.scalar(found)
        if case_id is None:
            return False
        dossier, case = open_case_dossier(work.session, case_id, None)
        if case.status != HANDED_OVER or case.claim_id != claim_id:
            return False
        for step in dossier.steps:
            if (step.kind, step.state) == (HANDOVER, "done"):
                step.state, step.reason = "superseded", REJECTED
        ended = update(Mandate).where(Mandate.claim_id == claim_id, Mandate.ended_on.is_(None))
        work.session.execute(ended.values(ended_on=desk.today))
        case.handed_over_on = case.hold_until = None
        drop_waiting(work, case, REJECTED)
        fail_rejected(work, case, reasons)
        if drop_request(work, case, REJECTED):  # its end was wanted anyway
            end_case(work, dossier, reason="cancellation_request")
        schedule_after_today(work, dossier)
    return True


def _find_case(session: Session, news: MandateNews) -> int | None:
    """Whose mandate it is: known as such, or by the claim that was accepted."""
    known = session.scalar(select(Mandate.case_id).where(Mandate.mandate_id == news.mandate_id))
    if known is not None:
        return known
    by_mandate = session.scalar(select(Case.id).where(Case.mandate_id == news.mandate_id))
    return by_mandate or session.scalar(select(Case.id).where(Case.claim_id.in_(news.claim_ids)).limit(1))


def _is_stale(mandate: Mandate, news: MandateNews) -> bool:
    """Whether a later answer was taken over before: of two that look at once the slower one is late."""
    seen = mandate.answer.get("updated")
    return bool(seen and news.updated and dt.datetime.fromisoformat(seen) > news.updated)


def _note_states(work: Work, mandate: Mandate, news: MandateNews) -> None:
    """Lines for the timeline: the partner's own words, and what has changed without a word."""
    before = {name: getattr(mandate, name) for name in STATES}
    now = {name: getattr(news, name) for name in STATES}
    said: set[object] = set()
    for line in news.updates:
        new = note_news(
            work,
            mandate.case,
            NewsLine("update", line.key, title=line.title, description=line.description, detail=line.content),
        )
        if new:
            said |= {line.content.get(name) for name in STATES}
    seen = (news.updated or work.now).isoformat()
    for name, value in list_changes(before, now):
        if value not in said:
            key = f"{name}:{mandate.mandate_id}:{value}:{seen}"
            note_news(work, mandate.case, NewsLine(name, key, detail={"value": value}))


def _copy(mandate: Mandate, news: MandateNews, desk: Desk) -> None:
    for name in STATES:
        setattr(mandate, name, getattr(news, name))
    mandate.reference_number = news.reference_number
    mandate.principal_cents, mandate.interest_cents = news.principal, news.interest
    mandate.costs_cents, mandate.balance_cents = news.costs, news.balance
    mandate.paid_cents = news.paid
    mandate.answer = dict(news.answer)
    mandate.checked_at = desk.now


def _follow(work: Work, dossier: Dossier, case: Case, mandate: Mandate, news: MandateNews) -> None:
    """What the state means for the case. Of a mandate that is not the case's present one only the end is kept."""
    outcome = news.outcome
    if outcome is None:
        return
    mandate.ended_on = (mandate.ended_on or work.today) if outcome in OVER else None
    if case.mandate_id != mandate.mandate_id:
        return
    if outcome == "paused":
        _acknowledge_hold(work, case)
    wished = news.processing_state != BY_US or confirm_request(work, case)
    if case.status == HANDED_OVER and not wished and was_open_again(work.session, case):
        come_back(work, dossier, case)
        schedule_from_start(work, dossier)
    elif case.status == HANDED_OVER:
        _move_on(work, dossier, case, mandate, news)


def _move_on(work: Work, dossier: Dossier, case: Case, mandate: Mandate, news: MandateNews) -> None:
    """A case at the partner follows the end of its mandate."""
    outcome = news.outcome
    if outcome == "terminated":
        reason = "cancelled_on_request" if news.processing_state == BY_US else "cancelled_by_partner"
        end_dossier(work, dossier, case, terminated=True, reason=reason)
    elif outcome == "unsuccessful":
        end_dossier(work, dossier, case, terminated=False, reason="partner_unsuccessful")
    elif outcome == "paid":
        _close_paid(work, dossier, case, mandate)


def _close_paid(work: Work, dossier: Dossier, case: Case, mandate: Mandate) -> None:
    """Booking the rest makes the case `paid`; of a claim that was refunded whole there is nothing to be paid."""
    book_rest(work, dossier, mandate)
    nothing = sum_entries(dossier.read_facts().entries, dt.date.max).paid <= 0
    if case.status == HANDED_OVER and nothing:
        end_dossier(work, dossier, case, terminated=False, reason="nothing_to_collect")


def _acknowledge_hold(work: Work, case: Case) -> None:
    """The partner shows our hold."""
    present = (Hold.case_id == case.id, Hold.started_on <= work.today, Hold.until >= work.today)
    told = update(Hold).where(*present, Hold.acknowledged_at.is_(None))
    work.session.execute(told.values(acknowledged_at=work.now))
