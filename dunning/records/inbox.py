"""What other systems told us: stored before they get their answer, applied once, in any order."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from dunning.records.database import Base, Key
from dunning.rules.terms import INBOX_STATES, InboxState

# what support may want to see: the words of the index, so that both databases know that it helps
SHOWN = text("(state <> 'applied' or odd)")


class InboxEvent(Base):
    """One instant payment notification of a vendor's order, as it came."""

    __tablename__ = "inbox_events"
    __table_args__ = (
        UniqueConstraint("vendor_id", "event_key"),
        CheckConstraint(f"state in {INBOX_STATES}", name="state"),
        Index(None, "vendor_id", "order_id"),
        Index(
            "ix_inbox_events_open",
            "id",
            postgresql_where=text("state in ('new', 'waiting')"),
            sqlite_where=text("state in ('new', 'waiting')"),
        ),
        Index("ix_inbox_events_shown", "id", postgresql_where=SHOWN, sqlite_where=SHOWN),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    # the SHA-256 of the body; of older ones their type and transaction ID
    event_key: Mapped[str]
    event_type: Mapped[str]
    order_id: Mapped[str]
    body: Mapped[dict[str, Any]]
    received_at: Mapped[dt.datetime]
    state: Mapped[InboxState] = mapped_column(default="new")
    reason: Mapped[str] = mapped_column(default="")
    # some field could not be read
    odd: Mapped[bool] = mapped_column(server_default=false())
    applied_at: Mapped[dt.datetime | None]
