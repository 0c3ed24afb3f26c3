"""Mandates, news, questions, holds, cancellation requests and webhook deliveries of the partner.

Revision ID: 0004
Revises: 0003
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IS_NEW = sa.text("state = 'new'")
ON_HOLD = sa.text("hold_until is not null")
UNACKNOWLEDGED = sa.text("acknowledged_at is null")
OF_VENDOR = sa.text("receivable_id is null")
VENDOR_INDEXES = (
    ("ix_effects_notices", "effects", ["vendor_id", "kind", "id"]),
    ("ix_history_vendors", "history", ["vendor_id", "id"]),
)
IS_OPEN = sa.text("state in ('waiting', 'sent')")
SANDBOX_TABLES = (
    "sandbox_deliveries",
    "sandbox_webhooks",
    "sandbox_requests",
    "sandbox_questions",
    "sandbox_payments",
    "sandbox_news",
)
SANDBOX_INDEXES = (
    ("sandbox_news", "mandate_number"),
    ("sandbox_payments", "mandate_number"),
    ("sandbox_questions", "mandate_number"),
    ("sandbox_deliveries", "webhook_number"),
    ("sandbox_deliveries", "due_at"),
)


def upgrade() -> None:
    for name, table, columns in VENDOR_INDEXES:
        op.create_index(name, table, columns, postgresql_where=OF_VENDOR, sqlite_where=OF_VENDOR)
    op.create_table(
        "breakers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_breakers")),
    )
    op.create_table(
        "partner_deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('new', 'applied', 'ignored')", name=op.f("ck_partner_deliveries_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_deliveries")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_partner_deliveries_delivery_id")),
    )
    op.create_index(
        "ix_partner_deliveries_open",
        "partner_deliveries",
        ["id"],
        postgresql_where=IS_NEW,
        sqlite_where=IS_NEW,
    )
    op.create_table(
        "cancellation_requests",
        sa.Column("id", KEY, nullable=False),
        sa.Column("vendor_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("partner_cents", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'sent', 'confirmed', 'declined')",
            name=op.f("ck_cancellation_requests_state"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_cancellation_requests_case_id")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_cancellation_requests_decided_by")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_cancellation_requests_user_id")),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name=op.f("fk_cancellation_requests_vendor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation_requests")),
    )
    op.create_index(op.f("ix_cancellation_requests_state_id"), "cancellation_requests", ["state", "id"])
    op.create_index(
        "uq_cancellation_requests_open",
        "cancellation_requests",
        ["case_id"],
        unique=True,
        postgresql_where=IS_OPEN,
        sqlite_where=IS_OPEN,
    )
    op.create_table(
        "holds",
        sa.Column("id", KEY, nullable=False),
        sa.Column("vendor_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("until > started_on", name=op.f("ck_holds_until")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_holds_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_holds_user_id")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name=op.f("fk_holds_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("case_id", "started_on", name=op.f("uq_holds_case_id_started_on")),
    )
    op.create_index(op.f("ix_holds_until"), "holds", ["until"])
    op.create_table(
        "mandates",
        sa.Column("id", KEY, nullable=False),
        sa.Column("vendor_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("mandate_id", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("reference_number", sa.Text(), nullable=False),
        sa.Column("legal_stage", sa.Text(), nullable=False),
        sa.Column("processing_state", sa.Text(), nullable=False),
        sa.Column("payment_state", sa.Text(), nullable=False),
        sa.Column("principal_cents", sa.BigInteger(), nullable=False),
        sa.Column("interest_cents", sa.BigInteger(), nullable=False),
        sa.Column("costs_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_mandates_case_id")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name=op.f("fk_mandates_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
        sa.UniqueConstraint("mandate_id", name=op.f("uq_mandates_mandate_id")),
    )
    op.create_index(op.f("ix_mandates_case_id"), "mandates", ["case_id"])
    op.create_index(op.f("ix_mandates_ended_on"), "mandates", ["ended_on"])
    op.create_table(
        "partner_news",
        sa.Column("id", KEY, nullable=False),
        sa.Column("vendor_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("news_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_partner_news_case_id")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name=op.f("fk_partner_news_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_news")),
        sa.UniqueConstraint("case_id", "news_key", name=op.f("uq_partner_news_case_id_news_key")),
    )
    op.create_table(
        "partner_questions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("vendor_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("mandate_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("answer_types", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("answered_by", KEY, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["users.id"], name=op.f("fk_partner_questions_answered_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_partner_questions_case_id")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name=op.f("fk_partner_questions_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_questions")),
        sa.UniqueConstraint("request_id", name=op.f("uq_partner_questions_request_id")),
    )
    op.create_index(op.f("ix_partner_questions_case_id"), "partner_questions", ["case_id"])
    op.create_index(
        "ix_partner_questions_open",
        "partner_questions",
        ["answered_at"],
        postgresql_where=UNACKNOWLEDGED,
        sqlite_where=UNACKNOWLEDGED,
    )
    op.create_index(
        "ix_cases_on_hold", "cases", ["hold_until"], postgresql_where=ON_HOLD, sqlite_where=ON_HOLD
    )
    upgrade_sandbox()


def upgrade_sandbox() -> None:
    """What the sandbox partner keeps of a mandate, and whom it tells."""
    with op.batch_alter_table("sandbox_mandates") as mandates:
        mandates.add_column(sa.Column("costs_cents", sa.BigInteger(), nullable=False, server_default="0"))
        mandates.add_column(sa.Column("paused_until", sa.Date(), nullable=True))
        mandates.add_column(sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    create_sandbox_table(
        "sandbox_news",
        of_mandate("sandbox_news"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "description")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("legal_stage", "processing_state")),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )
    create_sandbox_table(
        "sandbox_payments",
        sa.Column("id", sa.Text(), nullable=False),
        of_mandate("sandbox_payments"),
        sa.Column("your_reference", sa.Text(), nullable=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("id", name=op.f("uq_sandbox_payments_id")),
    )
    create_sandbox_table(
        "sandbox_questions",
        sa.Column("id", sa.Text(), nullable=False),
        of_mandate("sandbox_questions"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "description", "answer_type")),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("id", name=op.f("uq_sandbox_questions_id")),
    )
    create_sandbox_table(
        "sandbox_requests",
        sa.Column("id", sa.Text(), nullable=False),
        of_mandate("sandbox_requests"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("your_reference", "kind", "text")),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("id", name=op.f("uq_sandbox_requests_id")),
        sa.UniqueConstraint(
            "mandate_number", "your_reference", name=op.f("uq_sandbox_requests_mandate_number_your_reference")
        ),
        sa.CheckConstraint(
            "state in ('waiting', 'confirmed', 'refused')", name=op.f("ck_sandbox_requests_state")
        ),
    )
    create_sandbox_table(
        "sandbox_webhooks",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "url")),
        sa.Column("events", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("description", "secret_key")),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("id", name=op.f("uq_sandbox_webhooks_id")),
    )
    create_sandbox_table(
        "sandbox_deliveries",
        sa.Column("webhook_number", KEY, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_number"],
            ["sandbox_webhooks.number"],
            name=op.f("fk_sandbox_deliveries_webhook_number"),
        ),
    )
    for table, column in SANDBOX_INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def create_sandbox_table(name: str, *parts: sa.Column[Any] | sa.Constraint) -> None:
    """A table with `number` as its key."""
    key = sa.PrimaryKeyConstraint("number", name=op.f(f"pk_{name}"))
    op.create_table(name, sa.Column("number", KEY, nullable=False), *parts, key)


def of_mandate(table: str) -> sa.Column[Any]:
    """The mandate a row belongs to."""
    link = sa.ForeignKey("sandbox_mandates.number", name=op.f(f"fk_{table}_mandate_number"))
    return sa.Column("mandate_number", KEY, link, nullable=False)


def downgrade() -> None:
    op.drop_index("ix_cases_on_hold", table_name="cases")
    for table in SANDBOX_TABLES:
        op.drop_table(table)
    with op.batch_alter_table("sandbox_mandates") as mandates:
        for column in ("archived_at", "paused_until", "costs_cents"):
            mandates.drop_column(column)
    op.drop_table("partner_questions")
    op.drop_table("partner_news")
    op.drop_table("mandates")
    op.drop_table("holds")
    op.drop_table("cancellation_requests")
    op.drop_table("partner_deliveries")
    op.drop_table("breakers")
    for name, table, _columns in VENDOR_INDEXES:
        op.drop_index(name, table_name=table)
