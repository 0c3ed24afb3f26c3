"""What happened, who did it and why: one row per change, never altered; and the days the run has played."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dunning.records.database import Base, Key
from dunning.rules.terms import CaseStatus, Role, Verb


class History(Base):
    """One change of a case, a receivable or a vendor's settings."""

    __tablename__ = "history"
    __table_args__ = (
        Index(None, "case_id", "id"),
        Index(None, "on_date", "to_status"),
        Index(None, "vendor_id", "id"),
        # what was done for a vendor itself
        Index(
            "ix_history_vendors",
            "vendor_id",
            "id",
            postgresql_where=text("receivable_id is null"),
            sqlite_where=text("receivable_id is null"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    receivable_id: Mapped[int | None] = mapped_column(ForeignKey("receivables.id"))
    recorded_at: Mapped[dt.datetime]
    on_date: Mapped[dt.date]
    # with the user, unless it was the system
    actor: Mapped[Role]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verb: Mapped[Verb]
    from_status: Mapped[CaseStatus | None]
    to_status: Mapped[CaseStatus | None]
    reason: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class RunDay(Base):
    """A business day the run has begun; a day before the last one is never played again.

    The last one is never after the present: a clock that was wrong may have noted days to come.
    """

    __tablename__ = "run_days"

    on_date: Mapped[dt.date] = mapped_column(primary_key=True)
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]


class Heartbeat(Base):
    """When clock and worker were last alive; their silence is an alarm."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
