"""What support reads about e-mail: what is in doubt, waits, failed or went out."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlakeyset import select_page
from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.records.orders import Buyer, Order, Receivable
from dunning.records.people import User, Vendor
from dunning.records.queries.cases.filter import CaseFilter
from dunning.rules.effect_states import OPEN, SENT_AGAIN
from dunning.rules.names import fold
from dunning.rules.terms import LETTERS, MESSAGE_KINDS, NOTICES, REMINDERS, EffectKind, EffectState

DOUBT, WAITING, FAILED, SENT = "in_doubt", "waiting", "failed", "sent"
VIEWS = (DOUBT, WAITING, FAILED, SENT)
STATES_OF = {DOUBT: ("in_doubt",), WAITING: OPEN, FAILED: ("failed",), SENT: ("done",)}
# messages to the partner as well, whether they go by mail or by a call
MAILS = (*REMINDERS, *LETTERS, *NOTICES, *MESSAGE_KINDS)
Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class MailRow:
    """One e-mail. `since`: when it was due or is tried next, of a sent one when it was accepted; instants in UTC."""

    id: int
    kind: EffectKind
    state: EffectState
    since: dt.datetime
    on_date: dt.date
    attempt: int
    phase: str | None
    error: str
    evidence: dict[str, Any]
    reference: str
    order_id: str
    recipient: str
    first_name: str
    last_name: str
    company: str
    vendor_id: int | None
    case_id: int | None

    @property
    def notice(self) -> bool:
        """About no receivable."""
        return self.kind in NOTICES

    @property
    def name(self) -> str:
        return self.company.strip() or f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class MailPage:
    """Rows of a page and the places before and after it, None at the ends."""

    rows: list[MailRow]
    before: str | None
    after: str | None


def find_mail(session: Session, view: str, wanted: CaseFilter, place: str | None) -> MailPage:
    """One of VIEWS: of what was sent the newest comes first, of the others what has waited longest."""
    query = _select_mail(view, wanted)
    if view == SENT:
        query = query.order_by(Effect.not_before.desc(), Effect.id.desc())
    else:
        query = query.order_by(Effect.not_before, Effect.id)
    page = select_page(session, query, per_page=wanted.per, page=place)
    paging = page.paging
    return MailPage(
        rows=[MailRow(**row._mapping) for row in page],
        before=paging.bookmark_previous if paging.has_previous else None,
        after=paging.bookmark_next if paging.has_next else None,
    )


def count_mail(session: Session, wanted: CaseFilter) -> dict[str, int]:
    """How many mails each view has."""
    return {
        view: session.scalar(select(func.count()).select_from(_select_mail(view, wanted).subquery())) or 0
        for view in VIEWS
    }


def count_undecided(session: Session) -> int:
    """How many mails wait for a person to decide: in doubt, or failed."""
    query = select(func.count()).where(or_(_of_view(DOUBT), _of_view(FAILED)))
    return session.scalar(query) or 0


def list_failed(session: Session, wanted: CaseFilter, most: int) -> list[int]:
    """Ids of failed mails that fit the filter, what has waited longest first."""
    return _list_ids(session, _select_mail(FAILED, wanted), most)


def list_undoable(session: Session, wanted: CaseFilter, now: dt.datetime, most: int) -> list[int]:
    """Ids of those that had failed and go out again in a moment."""
    waits = (Effect.phase == SENT_AGAIN, Effect.not_before > now)
    return _list_ids(session, _select_mail(WAITING, wanted).where(*waits), most)


def _list_ids(session: Session, query: Rows, most: int) -> list[int]:
    query = query.order_by(Effect.not_before, Effect.id).limit(most)
    return list(session.scalars(query.with_only_columns(Effect.id)))


def _select_mail(view: str, wanted: CaseFilter) -> Rows:
    """By text and vendor; nothing else of the filter is asked of mails."""
    whose = [] if wanted.vendor is None else [Effect.vendor_id == wanted.vendor]
    since = Effect.finished_at if view == SENT else Effect.not_before
    company = func.coalesce(Buyer.company, Vendor.name, "").label("company")
    return (
        select(
            *(Effect.id, Effect.kind, Effect.state, since.label("since"), Effect.on_date, Effect.attempt),
            *(Effect.phase, Effect.last_error.label("error"), Effect.evidence, Effect.reference),
            func.coalesce(Order.order_id, "").label("order_id"),
            case(
                (Effect.kind.in_(MESSAGE_KINDS), ""),
                else_=func.coalesce(Buyer.email, User.email, Vendor.email, ""),
            ).label("recipient"),
            func.coalesce(Buyer.first_name, "").label("first_name"),
            func.coalesce(Buyer.last_name, "").label("last_name"),
            *(company, Effect.vendor_id, Case.id.label("case_id")),
        )
        .outerjoin(Receivable, Receivable.id == Effect.receivable_id)
        .outerjoin(Order, Order.id == Receivable.order_pk)
        .outerjoin(Buyer, Buyer.order_pk == Order.id)
        .outerjoin(Case, Case.receivable_id == Receivable.id)
        .outerjoin(Vendor, Vendor.id == Effect.vendor_id)
        .outerjoin(User, User.id == Effect.payload["user_id"].as_integer())
        .where(_of_view(view), *whose, *_match_text(wanted.text))
    )


def _of_view(view: str) -> ColumnElement[bool]:
    """Mails in the view's states. A letter that only the post carries is none, nor is one the server refused."""
    mails = and_(Effect.kind.in_(MAILS), Effect.state.in_(STATES_OF[view]))
    if view != SENT:
        return mails
    posted = func.coalesce(Effect.evidence["post_only"].as_boolean(), False)
    refused = func.coalesce(Effect.evidence["refused"].as_string(), "") != ""
    return and_(mails, not_(posted), not_(refused))


def _match_text(text: str) -> list[ColumnElement[bool]]:
    """Every word: an order ID's beginning, a name's, or part of the address."""
    return [_match_word(word) for word in text.split()]


def _match_word(word: str) -> ColumnElement[bool]:
    ways = [
        func.lower(Order.order_id).startswith(word.lower(), autoescape=True),
        *(func.lower(email).contains(word.lower(), autoescape=True) for email in (Buyer.email, User.email)),
        and_(
            Effect.receivable_id.is_(None), func.lower(Vendor.email).contains(word.lower(), autoescape=True)
        ),
    ]
    if folded := fold(word).strip():
        ways.append(Buyer.search_text.contains(f" {folded}", autoescape=True))
    return or_(*ways)
