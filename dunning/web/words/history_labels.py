"""The history of a case in words, and what of it a vendor may read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l

from dunning.records.queries.cases.case import HistoryLine
from dunning.rules.terms import CaseStatus
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_day
from dunning.web.words.point_labels import label_point
from dunning.web.words.step_labels import is_coded, label_reason, label_step

VERB_LABELS = {
    "open": _l("Case opened"),
    "start": _l("Started"),
    "cancel": _l("Ended"),
    "undo_start": _l("Start undone"),
    "reopen": _l("Reopened"),
    "await_consent": _l("Waits for the vendor's approval"),
    "accept_claim": _l("Accepted by the collection partner"),
    "late_acceptance": _l("Accepted by the partner too late"),
    "end_mandate": _l("Ended by the collection partner"),
    "request_cancellation": _l("Termination at the partner asked for"),
    "approve_cancellation": _l("Termination request passed on"),
    "decline_cancellation": _l("Termination request declined"),
    "refuse_cancellation": _l("Termination refused by the partner"),
    "confirm_cancellation": _l("Termination confirmed by the partner"),
    "drop_cancellation": _l("Termination request no longer needed"),
    "fail": _l("Conditions not met"),
    "block": _l("Paused"),
    "unblock": _l("Goes on"),
    "pay": _l("Paid"),
    "charge_back": _l("Charged back"),
    "reverse_payment": _l("Payment taken back"),
    "hand_over": _l("Handover asked for by support"),
    "dispute": _l("The buyer disputes the claim"),
    "resolve_dispute": _l("The dispute is settled"),
    "promise": _l("The buyer has promised to pay"),
    "take_back": _l("Debit returned"),
    "book_payment": _l("Payment booked by support"),
    "assign_payment": _l("Payment assigned by support"),
    "dismiss_payment": _l("Payment found to be reported before"),
    "correct_address": _l("Address corrected"),
    "mail_bounced": _l("An e-mail came back"),
    "confirm_mail": _l("E-mail in doubt counts as sent"),
    "repeat_mail": _l("E-mail in doubt is sent again"),
    "undo_repeat": _l("E-mail is not sent again after all"),
    "hold": _l("On hold until %(day)s"),
    "end_hold": _l("The hold has ended"),
    "note": _l("Note"),
    "change_settings": _l("Settings changed"),
    "make_vip": _l("Made a VIP"),
    "end_vip": _l("No VIP any more"),
    "portal_reset": _l("Link for the portal's password sent"),
    "answer_question": _l("The partner's question answered"),
    "answer_refused": _l("The partner did not take the answer"),
    "run_failed": _l("The run failed"),
}
# what happened to a letter, and on which day
LETTER_LABELS = {
    "letter_posted": _l("%(letter)s handed in at the post on %(day)s"),
    "letter_undeliverable": _l("%(letter)s came back from the post on %(day)s"),
    "letter_dropped": _l("%(letter)s of %(day)s will not go out"),
}
ROLE_LABELS = {
    "system": _l("System"),
    "vendor": _l("Vendor"),
    "support": _l("Support"),
    "admin": _l("Support"),
}
STAFF_ROLES = ("support", "admin")
# for those who look after the machine, or talk with the partner
_INTERNAL_VERBS = ("run_failed", "answer_refused")


@dataclass(frozen=True)
class HistoryRow:
    """One line of the table. `source` and `target` are status keys, None when the status stayed."""

    at: datetime
    who: str
    what: str
    source: CaseStatus | None
    target: CaseStatus | None
    why: str


def write_history(lines: Iterable[HistoryLine], *, staff: bool) -> list[HistoryRow]:
    """Newest first. A vendor sees neither internal notes nor what support wrote as its reason."""
    shown = [line for line in lines if staff or not _is_internal(line)]
    return [_write_line(line, staff=staff) for line in reversed(shown)]


def _is_internal(line: HistoryLine) -> bool:
    return line.verb in _INTERNAL_VERBS or (line.verb == "note" and line.role in STAFF_ROLES)


def _write_line(line: HistoryLine, *, staff: bool) -> HistoryRow:
    return HistoryRow(
        at=line.at,
        who=_name_actor(line, staff=staff),
        what=_describe_verb(line),
        source=line.source,
        target=line.target,
        why=_describe_reason(line, staff=staff),
    )


def _name_actor(line: HistoryLine, *, staff: bool) -> str:
    hidden = line.role in STAFF_ROLES and not staff
    return str(ROLE_LABELS[line.role]) if hidden or not line.name else line.name


def _describe_verb(line: HistoryLine) -> str:
    if line.verb == "letter_sent":
        return _("%(letter)s sent", letter=label_step(line.detail["kind"]))
    if line.verb in LETTER_LABELS:
        day = write_day(date.fromisoformat(line.detail["on"]))
        return str(LETTER_LABELS[line.verb]) % {"letter": label_step(line.detail["kind"]), "day": day}
    if line.verb == "fail" and line.reason:  # in the partner's words
        return _("Rejected by the collection partner")
    label = VERB_LABELS.get(line.verb)
    if line.verb == "hold":
        return str(label) % {"day": write_day(date.fromisoformat(line.detail["until"]))}
    return str(label) if label else line.verb


def _describe_reason(line: HistoryLine, *, staff: bool) -> str:
    """Coded reasons are for everybody; a supporter's own words are for colleagues."""
    if line.reason:
        hidden = line.role in STAFF_ROLES and not staff and not is_coded(line.reason)
        note = f" · {line.detail['note']}" if staff and line.detail.get("note") else ""
        return "" if hidden else label_reason(line.reason) + note
    if points := line.detail.get("points"):
        return _("Red: %(points)s", points=", ".join(label_point(key) for key in points))
    if line.verb == "open" and line.target == "running":
        return _("Automatic by the vendor's settings")
    return ""
