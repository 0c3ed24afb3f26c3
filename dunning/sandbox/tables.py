"""What the sandbox partner remembers: tables of its own in our database, which nothing else of ours reads."""

import datetime as dt
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, func
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from dunning.records.database import Base, Key

SUBMISSION_STATES = (
    "created",
    "released",
    "under_review",
    "client_response_pending",
    "accepted",
    "rejected",
)
REQUEST_STATES = ("waiting", "confirmed", "refused")


def make_id() -> str:
    """A random id, as the real partner gives."""
    return str(uuid4())


class SandboxDebtor(Base):
    """A debtor as it was sent."""

    __tablename__ = "sandbox_debtors"

    id: Mapped[str] = mapped_column(primary_key=True, default=make_id)
    body: Mapped[dict[str, Any]]
    created: Mapped[dt.datetime] = mapped_column(default=func.now())


class SandboxMandate(Base):
    """The partner's own case of an accepted claim; `number` makes its file number."""

    __tablename__ = "sandbox_mandates"

    number: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=make_id)
    legal_stage: Mapped[str] = mapped_column(default="extrajudicial")
    processing_state: Mapped[str] = mapped_column(default="in_progress")
    payment_state: Mapped[str] = mapped_column(default="unpaid")
    # the partner's own fee, in cents
    costs_cents: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    # last day of a pause
    paused_until: Mapped[dt.date | None]
    archived_at: Mapped[dt.datetime | None]
    updated: Mapped[dt.datetime] = mapped_column(default=func.now(), onupdate=func.now())

    claim: Mapped["SandboxClaim"] = relationship(back_populates="mandate")
    news: Mapped[list["SandboxNews"]] = relationship(order_by="SandboxNews.number")
    payments: Mapped[list["SandboxPayment"]] = relationship(order_by="SandboxPayment.number")
    questions: Mapped[list["SandboxQuestion"]] = relationship(
        back_populates="mandate", order_by="SandboxQuestion.number"
    )
    requests: Mapped[list["SandboxRequest"]] = relationship(
        back_populates="mandate", order_by="SandboxRequest.number"
    )

    @property
    def reference_number(self) -> str:
        """The file number."""
        return f"SB-{self.number:06d}"


def lock_mandate(session: Session, wanted: Select[SandboxMandate]) -> SandboxMandate | None:
    """The mandate as it is once nobody else changes it, locked until the transaction ends."""
    locked = wanted.with_for_update(of=SandboxMandate).execution_options(populate_existing=True)
    mandate: SandboxMandate | None = session.scalar(locked)
    return mandate


class SandboxClaim(Base):
    """A claim as it was sent, and what became of it; `number` is the order of arrival."""

    __tablename__ = "sandbox_claims"
    __table_args__ = (
        CheckConstraint(f"submission_state in {SUBMISSION_STATES}", name="submission_state"),
        CheckConstraint("(submission_state = 'accepted') = (mandate_number is not null)", name="mandate"),
        Index(None, "your_reference"),
    )

    number: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=make_id)
    debtor_id: Mapped[str] = mapped_column(ForeignKey("sandbox_debtors.id"))
    mandate_number: Mapped[int | None] = mapped_column(ForeignKey("sandbox_mandates.number"), unique=True)
    your_reference: Mapped[str]
    submission_state: Mapped[str] = mapped_column(default="created")
    body: Mapped[dict[str, Any]]
    reasons: Mapped[list[str]] = mapped_column(default=list)
    created: Mapped[dt.datetime] = mapped_column(default=func.now())
    updated: Mapped[dt.datetime] = mapped_column(default=func.now(), onupdate=func.now())

    debtor: Mapped[SandboxDebtor] = relationship()
    mandate: Mapped[SandboxMandate | None] = relationship(back_populates="claim")
    documents: Mapped[list["SandboxDocument"]] = relationship(order_by="SandboxDocument.number")


class SandboxDocument(Base):
    """That a document arrived, not the document itself."""

    __tablename__ = "sandbox_documents"

    number: Mapped[int] = mapped_column(Key, primary_key=True)
    claim_number: Mapped[int] = mapped_column(ForeignKey("sandbox_claims.number"), index=True)
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]


class SandboxNews(Base):
    """A status update of a mandate, with the states it had from then on."""

    __tablename__ = "sandbox_news"

    number: Mapped[int] = mapped_column(Key, primary_key=True)
    mandate_number: Mapped[int] = mapped_column(ForeignKey("sandbox_mandates.number"), index=True)
    title: Mapped[str]
    description: Mapped[str]
    legal_stage: Mapped[str]
    processing_state: Mapped[str]
    created: Mapped[dt.datetime]


class SandboxPayment(Base):
    """A payment on a mandate in cents: ours with our reference, the debtor's at the partner without one."""

    __tablename__ = "sandbox_payments"

    number: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=make_id)
    mandate_number: Mapped[int] = mapped_column(ForeignKey("sandbox_mandates.number"), index=True)
    your_reference: Mapped[str | None]
    cents: Mapped[int] = mapped_column(BigInteger)
    value_date: Mapped[dt.date]
    created: Mapped[dt.datetime]
    # given back to the debtor, or reported by mistake
    returned_at: Mapped[dt.datetime | None]


class SandboxQuestion(Base):
    """A request to the client. `form` are the fields of a dynamic form."""

    __tablename__ = "sandbox_questions"

    number: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=make_id)
    mandate_number: Mapped[int] = mapped_column(ForeignKey("sandbox_mandates.number"), index=True)
    title: Mapped[str]
    description: Mapped[str]
    answer_type: Mapped[str]
    form: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer: Mapped[dict[str, Any] | None]
    created: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]

    mandate: Mapped[SandboxMandate] = relationship(back_populates="questions")


class SandboxRequest(Base):
    """A wish of the client about a mandate, and what became of it; the same reference is the same wish."""

    __tablename__ = "sandbox_requests"
    __table_args__ = (
        UniqueConstraint("mandate_number", "your_reference"),
        CheckConstraint(f"state in {REQUEST_STATES}", name="state"),
    )

    number: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=make_id)
    mandate_number: Mapped[int] = mapped_column(ForeignKey("sandbox_mandates.number"))
    your_reference: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    until: Mapped[dt.date | None]
    state: Mapped[str] = mapped_column(default="waiting")
    created: Mapped[dt.datetime]

    mandate: Mapped[SandboxMandate] = relationship(back_populates="requests")


class SandboxWebhook(Base):
    """An address that wants news; switched off after too many failures in a row."""

    __tablename__ = "sandbox_webhooks"

    number: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=make_id)
    url: Mapped[str]
    events: Mapped[list[str]]
    description: Mapped[str] = mapped_column(default="")
    secret_key: Mapped[str]
    failures: Mapped[int] = mapped_column(default=0)
    disabled_at: Mapped[dt.datetime | None]


class SandboxDelivery(Base):
    """News on its way to a webhook; gone once it has arrived or was given up."""

    __tablename__ = "sandbox_deliveries"

    number: Mapped[int] = mapped_column(Key, primary_key=True)
    webhook_number: Mapped[int] = mapped_column(ForeignKey("sandbox_webhooks.number"), index=True)
    event: Mapped[str]
    body: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[dt.datetime] = mapped_column(index=True)
