"""Cases, steps and letters."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dunning.records.database import Base, Key
from dunning.records.orders import Receivable
from dunning.rules import terms
from dunning.rules.statuses import STORED


class Case(Base):
    """The dunning of one receivable: the row of the case table, with exactly one status."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(f"status in {STORED}", name="status"),
        CheckConstraint(f"handover_consent in {terms.CONSENTS}", name="consent"),
        CheckConstraint("(status = 'blocked') = (blocked_from is not null)", name="blocked_from"),
        Index(None, "vendor_id", "status"),
        Index(None, "vendor_id", "opened_on"),
        Index(None, "vendor_id", "outstanding_cents"),
        # the run asks for holds that are over
        Index(
            "ix_cases_on_hold",
            "hold_until",
            postgresql_where=text("hold_until is not null"),
            sqlite_where=text("hold_until is not null"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    receivable_id: Mapped[int] = mapped_column(ForeignKey("receivables.id"), unique=True)
    status: Mapped[terms.CaseStatus]
    round: Mapped[int] = mapped_column(default=1)
    opened_on: Mapped[dt.date]
    opened_at: Mapped[dt.datetime]
    ended_on: Mapped[dt.date | None]
    # frozen when the case becomes running; until then the vendor's present scheme counts
    scheme: Mapped[int | None]
    handover_consent: Mapped[terms.Consent] = mapped_column(default="none")
    consent_by: Mapped[str | None]
    consent_at: Mapped[dt.datetime | None]
    started_on: Mapped[dt.date | None]
    unblocked_on: Mapped[dt.date | None]
    # opened or brought back by a chargeback: only the handover follows
    chargeback: Mapped[bool] = mapped_column(default=False)
    # sum of the ledger up to the last business day that touched it (invariant I2)
    outstanding_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    cancellation_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    failure_reasons: Mapped[list[str]] = mapped_column(default=list)
    failure_note: Mapped[str] = mapped_column(default="")
    blocked_reason: Mapped[str | None]
    blocked_until: Mapped[dt.date | None]
    blocked_from: Mapped[terms.CaseStatus | None]
    hold_until: Mapped[dt.date | None]
    # a claim is being sent or reviewed: the row says "bei der Prüfung", Cancel answers 409
    claim_in_review: Mapped[bool] = mapped_column(default=False)
    claim_id: Mapped[str | None]
    mandate_id: Mapped[str | None]
    handed_over_on: Mapped[dt.date | None]

    receivable: Mapped[Receivable] = relationship()


class Step(Base):
    """A step that happened, is under way or was left out. Planned steps of the future are computed, not stored."""

    __tablename__ = "steps"
    __table_args__ = (
        UniqueConstraint("receivable_id", "kind", "round"),
        CheckConstraint(f"kind in {terms.STEP_KINDS}", name="kind"),
        CheckConstraint(f"state in {terms.STEP_STATES}", name="state"),
        Index(None, "done_on"),
        Index(None, "created_on"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    receivable_id: Mapped[int] = mapped_column(ForeignKey("receivables.id"))
    kind: Mapped[terms.StepKind]
    round: Mapped[int] = mapped_column(default=1)
    state: Mapped[terms.StepState] = mapped_column(default="planned")
    due_on: Mapped[dt.date]
    created_on: Mapped[dt.date]
    done_on: Mapped[dt.date | None]
    # of a letter: the last day to pay, a working day (§ 193 BGB)
    deadline: Mapped[dt.date | None]
    reason: Mapped[str] = mapped_column(default="")


class Letter(Base):
    """A letter as it was made: frozen numbers, the hash of its PDF, and how it went out."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        UniqueConstraint("effect_id"),
        Index(None, "vendor_id", "on_date"),
        # the print file asks for a day of all vendors
        Index(None, "on_date"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    step_id: Mapped[int] = mapped_column(ForeignKey("steps.id"))
    effect_id: Mapped[int] = mapped_column(ForeignKey("effects.id"))
    number: Mapped[int]
    kind: Mapped[terms.LetterKind]
    on_date: Mapped[dt.date]
    deadline: Mapped[dt.date]
    total_cents: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    created_at: Mapped[dt.datetime]
    mailed_at: Mapped[dt.datetime | None]
    posted_on: Mapped[dt.date | None]
    # it came back: the local day support noted it
    undeliverable_on: Mapped[dt.date | None]
