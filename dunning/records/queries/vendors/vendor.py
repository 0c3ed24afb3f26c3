"""What support reads about one vendor: logins, cases, the mails about the partner's portal; and how to find one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.records.people import User, Vendor
from dunning.records.queries.cases.case import HistoryLine, read_history
from dunning.records.queries.cases.filter import LARGEST_ID
from dunning.rules.letters.mails import PORTAL_INVITATION, PORTAL_RESET
from dunning.rules.terms import NoticeKind

MOST_CHANGES = 50


@dataclass(frozen=True)
class MailState:
    """What became of a mail: the state of its effect, since when, and what the mail server said."""

    state: str
    since: dt.datetime
    error: str


@dataclass(frozen=True)
class VendorFile:
    """`accepted`: how many cases ever reached the partner, whatever became of them."""

    vendor: Vendor
    users: Sequence[User]
    by_status: dict[str, int]
    accepted: int
    invitation: MailState | None
    reset: MailState | None
    changes: list[HistoryLine]


def read_vendor(session: Session, vendor_id: int) -> VendorFile | None:
    """Everything on the vendor, with its settings; None when there is none."""
    vendor = session.get(Vendor, vendor_id, options=[joinedload(Vendor.settings)])
    if vendor is None:
        return None
    own = (History.vendor_id == vendor_id) & History.receivable_id.is_(None) & History.case_id.is_(None)
    by_status, accepted = _count_cases(session, vendor_id)
    return VendorFile(
        vendor=vendor,
        users=session.scalars(select(User).where(User.vendor_id == vendor_id).order_by(User.email)).all(),
        by_status=by_status,
        accepted=accepted,
        invitation=_find_mail(session, vendor_id, PORTAL_INVITATION),
        reset=_find_mail(session, vendor_id, PORTAL_RESET),
        changes=read_history(session, own, History.id.desc(), MOST_CHANGES),
    )


def _count_cases(session: Session, vendor_id: int) -> tuple[dict[str, int], int]:
    query = select(Case.status, func.count(), func.count(Case.mandate_id)).where(Case.vendor_id == vendor_id)
    rows = session.execute(query.group_by(Case.status)).all()
    return {status: cases for status, cases, _ in rows}, sum(accepted for _, _, accepted in rows)


def _find_mail(session: Session, vendor_id: int, kind: NoticeKind) -> MailState | None:
    """The newest mail of a kind."""
    query = (
        select(Effect.state, func.coalesce(Effect.finished_at, Effect.created_at), Effect.last_error)
        .where(Effect.vendor_id == vendor_id, Effect.receivable_id.is_(None), Effect.kind == kind)
        .order_by(Effect.id.desc())
    )
    found = session.execute(query.limit(1)).first()
    return MailState(*found) if found else None


def find_vendors(session: Session, text: str, most: int) -> Sequence[Vendor]:
    """Vendors by user ID, or by part of the name or e-mail address; all of them for an empty text."""
    query = select(Vendor).order_by(func.lower(Vendor.name), Vendor.id).limit(most)
    if not text:
        return session.scalars(query).all()
    ways = [
        func.lower(column).contains(text.lower(), autoescape=True) for column in (Vendor.name, Vendor.email)
    ]
    if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID:
        ways.append(Vendor.id == int(text))
    return session.scalars(query.where(or_(*ways))).all()
