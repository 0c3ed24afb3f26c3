"""The small line below a status: what happens next, or why nothing does."""

import datetime as dt

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from dunning.records.queries.cases.table import CaseRow
from dunning.rules import statuses, terms
from dunning.rules.course import steps
from dunning.rules.course.eligibility import ADDRESS_POINTS
from dunning.rules.gates import DUNNING_ONLY
from dunning.rules.money.limitation import Limitation
from dunning.rules.partner.handover import MANDATE_TAKEN, REJECTED
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_day, write_short_day
from dunning.web.words.point_labels import POINT_LABELS, label_point
from dunning.web.words.step_labels import BLOCK_LABELS, REASON_LABELS

STEP_WORDS = {
    terms.UPCOMING_REMINDER: _l("Instalment notice"),
    terms.SERVICE_CALL: _l("Service call"),
    terms.PAYMENT_REMINDER: _l("Payment reminder"),
    terms.FIRST_LETTER: _lp("short", "1st letter"),
    terms.FIRST_CALL: _lp("short", "1st call"),
    terms.SECOND_LETTER: _lp("short", "2nd letter"),
    terms.SECOND_CALL: _lp("short", "2nd call"),
    terms.HANDOVER: _lp("short", "Handover"),
    "": _lp("short", "Goes on"),
}


def describe_next(row: CaseRow, today: dt.date, *, staff: bool = False) -> str:
    """The line for a row, as of a local day; staff read what the vendor has to do."""
    if staff and row.status == statuses.READY_FOR_HANDOVER:
        return _("The vendor's Start is missing")
    tell = {
        statuses.AWAITING_APPROVAL: _tell_waiting,
        statuses.RUNNING: _tell_running,
        statuses.READY_FOR_HANDOVER: _tell_ready,
        statuses.HANDED_OVER: _tell_handed_over,
        statuses.BLOCKED: _tell_blocked,
        statuses.PAID: _tell_paid,
        statuses.FAILED: _tell_failed,
    }.get(row.status, _tell_ended)
    return tell(row, today)


def warn_limitation(found: Limitation | None) -> str:
    """The second line, for a claim that is about to become time-barred or is; else nothing."""
    if found is None or found.alarm is None:
        return ""
    day = write_day(found.last_day)
    if found.barred:
        return _("Time-barred since the end of %(day)s (§ 195 BGB)", day=day)
    if found.days_left == 1:
        return _("Time-barred after %(day)s: 1 day left", day=day)
    return _("Time-barred after %(day)s: %(days)s days left", day=day, days=found.days_left)


def write_near_day(day: dt.date | None, today: dt.date) -> str:
    """Without the year when it is this one."""
    if day is None:
        return ""
    return write_short_day(day) if day.year == today.year else write_day(day)


def _tell_waiting(row: CaseRow, today: dt.date) -> str:
    if row.charged_back_on:
        return _("Charged back on %(day)s", day=write_near_day(row.charged_back_on, today))
    return _("Waiting since %(day)s", day=write_near_day(row.opened_on, today))


def _tell_running(row: CaseRow, today: dt.date) -> str:
    if row.claim_in_review:
        return _("being reviewed") if not row.cancellation_asked else _("Termination requested")
    if row.undeliverable_on:
        return _("A letter came back: correct the address")
    if row.next_step_on is None:
        return _("Next step could not be sent") if row.stuck else _("Next step is under way")
    ends = row.next_step_kind == terms.HANDOVER and row.scheme == DUNNING_ONLY
    step = _("Termination") if ends else STEP_WORDS[row.next_step_kind or ""]
    day = write_near_day(row.next_step_on, today)
    if row.next_step_on <= today:
        return _("%(step)s today", step=step)
    if row.next_step_on == today + steps.ONE_DAY:
        return _("%(step)s tomorrow, %(day)s", step=step, day=day)
    return _("%(step)s on %(day)s", step=step, day=day)


def _tell_ready(_row: CaseRow, _today: dt.date) -> str:
    return _("Your Start is missing")


def _tell_handed_over(row: CaseRow, today: dt.date) -> str:
    if row.cancellation_asked:
        return _("Termination requested")
    if row.hold_until and row.hold_until >= today:
        return _("On hold until %(day)s", day=write_near_day(row.hold_until, today))
    return _("In collection since %(day)s", day=write_near_day(row.handed_over_on, today))


def _tell_blocked(row: CaseRow, today: dt.date) -> str:
    reason = str(BLOCK_LABELS.get(row.blocked_reason or "") or _("Paused by support"))
    if row.blocked_until is None:
        return reason
    return _("%(reason)s, until %(day)s", reason=reason, day=write_near_day(row.blocked_until, today))


def _tell_paid(row: CaseRow, today: dt.date) -> str:
    return _("on %(day)s", day=write_near_day(row.ended_on, today))


def _tell_failed(row: CaseRow, _today: dt.date) -> str:
    if MANDATE_TAKEN in row.failure_reasons:
        return str(REASON_LABELS[MANDATE_TAKEN])
    if row.failure_note:
        return _("Rejected by the partner: %(reason)s", reason=row.failure_note)
    if REJECTED in row.failure_reasons:
        return _("Rejected by the collection partner")
    named = [key for key in row.failure_reasons if key in POINT_LABELS]
    words = [_("Address incomplete")] if set(named) & set(ADDRESS_POINTS) else []
    words += [_("%(point)s not met", point=label_point(key)) for key in named if key not in ADDRESS_POINTS]
    return ", ".join(words) or _("The conditions are not met")


def _tell_ended(row: CaseRow, today: dt.date) -> str:
    day = write_near_day(row.ended_on, today)
    if row.handed_over_on:
        return _("after the handover, %(day)s", day=day)
    if row.status == statuses.CLOSED:
        return _("before the start, %(day)s", day=day)
    return _("on %(day)s", day=day)
