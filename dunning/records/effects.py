"""The outbox: everything that leaves the house is first a row here, written in its verb's transaction."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dunning.records.database import Base, Key
from dunning.rules.terms import EFFECT_STATES, EffectKind, EffectState


class Effect(Base):
    """One thing to do outside. `dedupe_key` makes it unique; `attempt` fences off a worker that came back late."""

    __tablename__ = "effects"
    __table_args__ = (
        CheckConstraint(f"state in {EFFECT_STATES}", name="state"),
        Index("ix_effects_queue", "state", "not_before", "id"),
        Index(None, "receivable_id", "kind"),
        Index(None, "on_date", "state"),
        # the newest mail of a kind to a vendor
        Index(
            "ix_effects_notices",
            "vendor_id",
            "kind",
            "id",
            postgresql_where=text("receivable_id is null"),
            sqlite_where=text("receivable_id is null"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    # none of a mail to staff
    vendor_id: Mapped[int | None] = mapped_column(ForeignKey("vendors.id"))
    receivable_id: Mapped[int | None] = mapped_column(ForeignKey("receivables.id"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("steps.id"))
    kind: Mapped[EffectKind]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    # random; becomes the Message-ID of a mail and the partner's `your_reference`
    reference: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # of a message to the partner: what it is about; none while it waits for the claim's review
    claim_id: Mapped[str | None]
    mandate_id: Mapped[str | None]
    # the business day the effect belongs to; what it does carries this day
    on_date: Mapped[dt.date]
    # keeps that day however late it runs
    pinned: Mapped[bool] = mapped_column(default=False)
    state: Mapped[EffectState] = mapped_column(default="due")
    phase: Mapped[str | None]
    # the partner reviews the claim or has not acknowledged: what waits then keeps no business day of ours open
    their_turn: Mapped[bool] = mapped_column(default=False)
    # the newest history row of its case when body or claim began to go out (invariant I3)
    sent_after: Mapped[int | None] = mapped_column(Key)
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[dt.datetime]
    lease_until: Mapped[dt.datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
