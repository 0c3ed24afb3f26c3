"""What passes between us and the collection partner: mandates, news, questions, holds, cancellation requests.

The partner's own words (`legal_stage`, `processing_state`, `payment_state`) are stored as they came: a value we do not
know changes nothing here and is shown to support.
"""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dunning.records.cases import Case
from dunning.records.database import Base, Key
from dunning.rules.terms import (
    DELIVERY_STATES,
    OPEN_REQUESTS,
    REQUEST_STATES,
    DeliveryState,
    NewsKind,
    RequestState,
    Side,
)


class Mandate(Base):
    """An accepted claim as the partner works on it, as of the last time we looked. Amounts in cents."""

    __tablename__ = "mandates"
    __table_args__ = (Index(None, "case_id"), Index(None, "ended_on"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    mandate_id: Mapped[str] = mapped_column(unique=True)
    claim_id: Mapped[str]
    # the partner's file number
    reference_number: Mapped[str] = mapped_column(default="")
    legal_stage: Mapped[str] = mapped_column(default="")
    processing_state: Mapped[DeliveryState] = mapped_column(default="")
    payment_state: Mapped[DeliveryState] = mapped_column(default="")
    principal_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    interest_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    # the partner's and our costs with the interest on them
    costs_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    balance_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    paid_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    # the whole of the last answer, unknown fields included
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    accepted_on: Mapped[dt.date]
    checked_at: Mapped[dt.datetime | None]
    # the local day we learned that the partner has ended it
    ended_on: Mapped[dt.date | None]

    case: Mapped[Case] = relationship()


class PartnerNews(Base):
    """One thing the partner told us about a case: a line of its timeline."""

    __tablename__ = "partner_news"
    __table_args__ = (UniqueConstraint("case_id", "news_key"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    # the partner's id of it; without one the SHA-256 of its content
    news_key: Mapped[str]
    kind: Mapped[NewsKind]
    title: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    on_date: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime]


class PartnerDelivery(Base):
    """One webhook delivery, stored before it was answered: it says "look now", the poll says what there is."""

    __tablename__ = "partner_deliveries"
    __table_args__ = (
        CheckConstraint(f"state in {DELIVERY_STATES}", name="state"),
        Index(
            "ix_partner_deliveries_open",
            "id",
            postgresql_where=text("state = 'new'"),
            sqlite_where=text("state = 'new'"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    delivery_id: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    body: Mapped[dict[str, Any]]
    received_at: Mapped[dt.datetime]
    state: Mapped[DeliveryState] = mapped_column(default="new")
    reason: Mapped[str] = mapped_column(default="")
    applied_at: Mapped[dt.datetime | None]


class PartnerQuestion(Base):
    """A question of the partner about a mandate, and our answer."""

    __tablename__ = "partner_questions"
    __table_args__ = (
        Index(None, "case_id"),
        Index(
            "ix_partner_questions_open",
            "answered_at",
            postgresql_where=text("acknowledged_at is null"),
            sqlite_where=text("acknowledged_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    mandate_id: Mapped[str]
    # the partner's id of the request to client
    request_id: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    answer_types: Mapped[list[str]] = mapped_column(default=list)
    # the whole request as it came, attachments and form fields included
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seen_at: Mapped[dt.datetime]
    answer: Mapped[dict[str, Any] | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[dt.datetime | None]
    # the partner has the answer
    acknowledged_at: Mapped[dt.datetime | None]

    case: Mapped[Case] = relationship()


class Hold(Base):
    """A pause of a handed-over case, local days inclusive. `cases.hold_until` repeats the present one's end."""

    __tablename__ = "holds"
    __table_args__ = (
        UniqueConstraint("case_id", "started_on"),
        CheckConstraint("until > started_on", name="until"),
        Index(None, "until"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    started_on: Mapped[dt.date]
    until: Mapped[dt.date]
    # the vendor's written request, quoted by support
    request: Mapped[str] = mapped_column(default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime]
    # the partner shows the mandate as paused
    acknowledged_at: Mapped[dt.datetime | None]

    case: Mapped[Case] = relationship()


class CancellationRequest(Base):
    """The wish to end a case at the partner; it ends only when the partner confirms. Fees in cents."""

    __tablename__ = "cancellation_requests"
    __table_args__ = (
        CheckConstraint(f"state in {REQUEST_STATES}", name="state"),
        Index(
            "uq_cancellation_requests_open",
            "case_id",
            unique=True,
            postgresql_where=text(f"state in {OPEN_REQUESTS}"),
            sqlite_where=text(f"state in {OPEN_REQUESTS}"),
        ),
        Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    state: Mapped[RequestState]
    reason: Mapped[str]
    # the system: the order was cancelled or refunded, or the acceptance came too late
    asked_by: Mapped[Side]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    on_date: Mapped[dt.date]
    asked_at: Mapped[dt.datetime]
    # gross, to the vendor; and the partner's charge to the platform
    fee_cents: Mapped[int] = mapped_column(BigInteger)
    partner_cents: Mapped[int] = mapped_column(BigInteger)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[dt.datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")
    confirmed_on: Mapped[dt.date | None]

    case: Mapped[Case] = relationship()


class Breaker(Base):
    """How often in a row the partner, or the mail server, could not be had; until when nobody tries. All share it."""

    __tablename__ = "breakers"

    name: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    # none while the partner may be called
    paused_until: Mapped[dt.datetime | None]
    last_error: Mapped[str]
    # of the first failure in this row
    since: Mapped[dt.datetime]
