"""What the settings page reads beside the settings: who changed the option last, and the latest cases."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.records.cases import Case
from dunning.records.journal import History
from dunning.records.orders import Receivable
from dunning.records.people import User
from dunning.rules.terms import Role


@dataclass(frozen=True)
class SchemeChange:
    """When (local day) and by whom the dunning option was chosen; `name` is empty for the operator."""

    on: dt.date
    role: Role
    name: str


@dataclass(frozen=True)
class OpenedCase:
    """What decides how a case opens: its amount in cents, and whether money was charged back."""

    amount: int
    charged_back: bool


def find_scheme_change(session: Session, vendor_id: int) -> SchemeChange | None:
    """The last change of the dunning option; None when it was set together with the vendor."""
    query = (
        select(History, User.name, User.email)
        .outerjoin(User, User.id == History.user_id)
        .where(History.vendor_id == vendor_id, History.verb == "change_settings")
        .order_by(History.id.desc())
    )
    for row, name, email in session.execute(query.limit(200)):
        if "scheme" in row.detail:
            return SchemeChange(row.on_date, row.actor, name or email or "")
    return None


def list_opened(session: Session, vendor_id: int, most: int) -> list[OpenedCase]:
    """The vendor's latest cases, newest first."""
    query = (
        select(Receivable.original_cents, Receivable.charged_back_on)
        .join(Case, Case.receivable_id == Receivable.id)
        .where(Case.vendor_id == vendor_id)
        .order_by(Case.opened_on.desc(), Case.id.desc())
        .limit(most)
    )
    return [OpenedCase(amount, day is not None) for amount, day in session.execute(query)]
