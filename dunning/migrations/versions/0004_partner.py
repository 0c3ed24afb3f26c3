"""Mandates, news, questions, holds, cancellation requests and webhook deliveries of the partner.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IS_NEW = sa.text("state = 'new'")
IS_OPEN = sa.text("state in ('waiting', 'sent')")


def upgrade() -> None:
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


def downgrade() -> None:
    op.drop_table("partner_questions")
    op.drop_table("partner_news")
    op.drop_table("mandates")
    op.drop_table("holds")
    op.drop_table("cancellation_requests")
    op.drop_table("partner_deliveries")
