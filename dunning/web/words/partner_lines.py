"""What the partner says, in the reader's words: its states, its balance, its news.

A value nobody knows is shown to support as it came, to vendors not at all.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from dunning.records.cases import Case
from dunning.records.partner import Mandate, PartnerNews
from dunning.records.queries.cases.table import CaseRow
from dunning.records.queries.partner.mandate import find_fresh
from dunning.rules.partner.news import is_known
from dunning.rules.statuses import HANDED_OVER, RUNNING
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_money

STATE_LABELS = {
    "submission_state": {
        "created": _l("Being sent"),
        "released": _l("Waits for its review"),
        "under_review": _l("Under review"),
        "client_response_pending": _l("Waits for an answer of ours in its portal"),
    },
    "legal_stage": {
        "extrajudicial": _l("Out of court"),
        "judicial_dunning": _l("Court dunning procedure"),
        "foreclosure": _l("Enforcement"),
        "long_term_monitoring": _l("Long-term monitoring"),
        "ended": _l("Ended"),
    },
    "processing_state": {
        "in_progress": _l("In progress at the partner"),
        "paused": _l("Paused at the partner"),
        "canceled_by_client": _l("Terminated at our request"),
        "canceled_by_service_provider": _l("Terminated by the partner"),
        "ended": _l("Ended"),
    },
    "payment_state": {
        "unpaid": _l("Nothing paid yet"),
        "partially_paid": _l("Paid in part"),
        "fully_paid": _l("Fully paid"),
    },
}
FIELD_LABELS = {
    "legal_stage": _l("Stage"),
    "processing_state": _l("Processing"),
    "payment_state": _l("Payments there"),
}
LIVELY = dt.timedelta(minutes=10)
HUES = {"judicial_dunning": "wait", "foreclosure": "wait", "paused": "off", "ended": "off"}
# what a person has to look at: title, for whom
ALARMS = {
    "payment_larger": _l("The partner now lists a payment as larger"),
    "other_currency": _l("The partner lists a payment in another currency"),
}


@dataclass(frozen=True)
class PartnerBlock:
    """The block "At the partner". `states` are (label, words); `lines` (label, cents, whether it is the sum)."""

    file_number: str
    states: list[tuple[str, str]]
    lines: list[tuple[str, int, bool]]
    checked_at: dt.datetime | None
    # "", "2s" or "10s": how often the page looks again by itself
    pace: str
    mark: str


@dataclass(frozen=True)
class NewsLine:
    """A line of the timeline: its day, what it says, how it is drawn."""

    day: dt.date
    title: str
    note: str
    icon: str
    hue: str


def build_block(
    case: Case, mandate: Mandate | None, pace: str, *, staff: bool, review: str = ""
) -> PartnerBlock | None:
    """None for a case that has nothing to do with the partner. `review` is the partner's word for it, for support."""
    if mandate is None and not pace and not case.claim_in_review:
        return None
    looked = mandate is not None and mandate.checked_at is not None
    return PartnerBlock(
        file_number=mandate.reference_number if mandate else "",
        states=[*tell_review(review), *(tell_states(mandate, staff=staff) if mandate else ())],
        lines=list_balance(mandate) if mandate and looked else [],
        checked_at=mandate.checked_at if mandate else None,
        pace=pace,
        mark=write_mark(case, mandate, review),
    )


def write_mark(case: Case, mandate: Mandate | None, review: str) -> str:
    """Changes whenever the page would say something else."""
    seen: list[object] = [case.status, case.claim_in_review, case.outstanding_cents, review]
    if mandate:
        seen += [mandate.checked_at is None, mandate.balance_cents, mandate.paid_cents]
        seen += [mandate.legal_stage, mandate.processing_state, mandate.payment_state]
    return f"{crc32(repr(seen).encode()):x}"


def choose_pace(since: dt.datetime | None, now: dt.datetime) -> str:
    """Every two seconds while somebody may be waiting for it; a review that lasts is asked after more calmly."""
    if since is None:
        return ""
    return "2s" if now - since < LIVELY else "10s"


def list_paces(session: Session, rows: Collection[CaseRow], now: dt.datetime) -> dict[int, str]:
    """Receivable -> how often its row asks again; one statement, none when no row can be on its way."""
    moving = [row.receivable_id for row in rows if may_move(row, now.date())]
    return {key: choose_pace(since, now) for key, since in find_fresh(session, moving, now).items()}


def may_move(row: CaseRow, today: dt.date) -> bool:
    """In review, under way, or handed over a moment ago."""
    if row.status == RUNNING:
        return row.claim_in_review or row.next_step_on is None
    return (
        row.status == HANDED_OVER and row.handed_over_on is not None and (today - row.handed_over_on).days < 2
    )


def tell_review(review: str) -> Iterator[tuple[str, str]]:
    """Where the partner's review stands; a word we do not know as it came."""
    if review:
        yield _("Submission"), label_state("submission_state", review)


def tell_states(mandate: Mandate, *, staff: bool) -> Iterator[tuple[str, str]]:
    """Stage, processing and payments as far as the reader may know them."""
    for name, label in FIELD_LABELS.items():
        value = getattr(mandate, name)
        if value and (staff or is_known(name, value)):
            yield str(label), label_state(name, value)


def label_state(name: str, value: str) -> str:
    """A state in the reader's words; one we do not know as it came."""
    label = STATE_LABELS[name].get(value)
    return str(label) if label else _("“%(value)s” (unknown to us)", value=value)


def list_balance(mandate: Mandate) -> list[tuple[str, int, bool]]:
    """What the buyer owes at the partner, its costs and interest included."""
    return [
        (_("Principal claim"), mandate.principal_cents, False),
        (_("Interest"), mandate.interest_cents, False),
        (_("Costs of collection"), mandate.costs_cents, False),
        (_("Open there"), mandate.balance_cents, True),
        (_("Paid there"), mandate.paid_cents, False),
    ]


def tell_news(rows: Iterable[PartnerNews], *, staff: bool) -> Iterator[NewsLine]:
    """The partner's news as lines of the timeline; payments stand there already."""
    for row in rows:
        if row.kind == "update" and (row.title or row.description):
            yield NewsLine(row.on_date, row.title or row.description, tell_words(row), "info", "run")
        elif row.kind in ("legal_stage", "processing_state"):
            value = str(row.detail["value"])
            if staff or is_known(row.kind, value):
                icon = "gavel" if row.kind == "legal_stage" else "info"
                yield NewsLine(row.on_date, label_state(row.kind, value), "", icon, HUES.get(value, "run"))
        else:
            yield from tell_other(row, staff=staff)


def tell_words(row: PartnerNews) -> str:
    """Who said it, and the rest of it."""
    said = _("The collection partner")
    return f"{said}: {row.description}" if row.description and row.title else said


def tell_other(row: PartnerNews, *, staff: bool) -> Iterator[NewsLine]:
    """Questions, and money that needs a word."""
    if row.kind == "question":
        title = row.title if staff else ""  # what is asked is between the partner and support
        yield NewsLine(row.on_date, _("The collection partner has a question"), title, "info", "wait")
    elif row.kind == "payment" and row.detail["ours"] < row.detail["cents"]:
        costs = write_money(row.detail["cents"] - row.detail["ours"])
        title = _("Paid at the partner: %(amount)s", amount=write_money(row.detail["cents"]))
        yield NewsLine(row.on_date, title, _("%(costs)s of it for its costs", costs=costs), "coins", "good")
    elif row.kind == "rest":
        note = _("Booked as paid there: %(amount)s", amount=write_money(row.detail["cents"]))
        yield NewsLine(row.on_date, _("Fully paid, says the collection partner"), note, "coins", "good")
    elif row.kind == "payment_returned":
        left = write_money(row.detail["cents"])
        note = _("Still standing there: %(amount)s", amount=left)
        yield NewsLine(row.on_date, _("A payment was taken back at the partner"), note, "coins", "bad")
    elif staff and row.kind in ALARMS:
        note = write_money(row.detail["cents"])
        yield NewsLine(row.on_date, str(ALARMS[row.kind]), note, "alert", "bad")
