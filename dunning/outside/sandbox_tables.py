"""What the sandbox partner remembers: tables of its own in our database, which nothing else of ours reads."""

import datetime as dt
from typing import Any
from uuid import uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dunning.records.database import Base, Key

SUBMISSION_STATES = (
    "created",
    "released",
    "under_review",
    "client_response_pending",
    "accepted",
    "rejected",
)


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
    updated: Mapped[dt.datetime] = mapped_column(default=func.now(), onupdate=func.now())

    claim: Mapped["SandboxClaim"] = relationship(back_populates="mandate")


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
