"""The inbox of events, and what bank files say of a payment.

Revision ID: 0002
Revises: 0001
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IS_OPEN = sa.text("state in ('new', 'waiting')")
TEXTS = ("payer_name", "payer_iban", "return_code", "unmatched_reason")


def upgrade() -> None:
    op.create_table(
        "inbox_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("vendor_id", KEY, nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('new', 'applied', 'ignored', 'waiting')", name=op.f("ck_inbox_events_state")
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name=op.f("fk_inbox_events_vendor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_events")),
        sa.UniqueConstraint("vendor_id", "event_key", name=op.f("uq_inbox_events_vendor_id_event_key")),
    )
    op.create_index(op.f("ix_inbox_events_vendor_id_order_id"), "inbox_events", ["vendor_id", "order_id"])
    op.create_index(
        "ix_inbox_events_open", "inbox_events", ["id"], postgresql_where=IS_OPEN, sqlite_where=IS_OPEN
    )
    with op.batch_alter_table("orders") as orders:
        orders.add_column(sa.Column("order_id_folded", sa.Text(), nullable=True))
        orders.add_column(sa.Column("reported", sa.JSON(), nullable=True))
    fold_known_orders()
    with op.batch_alter_table("orders") as orders:
        orders.alter_column("order_id_folded", existing_type=sa.Text(), nullable=False)
        orders.create_index(op.f("ix_orders_order_id_folded"), ["order_id_folded"])
    add_bank_columns()
    mark_chargebacks()
    with op.batch_alter_table("effects") as effects:
        effects.add_column(sa.Column("sent_after", KEY, nullable=True))


def fold_known_orders() -> None:
    """As `rules.reference.fold_order_id` does today; a migration keeps its own copy of what it once wrote."""
    orders = sa.table("orders", sa.column("id"), sa.column("order_id"), sa.column("order_id_folded"))
    connection = op.get_bind()
    for key, order_id in connection.execute(sa.select(orders.c.id, orders.c.order_id)).all():
        folded = re.sub(r"[^0-9A-Z]", "", order_id.upper())
        connection.execute(orders.update().where(orders.c.id == key).values(order_id_folded=folded))


def add_bank_columns() -> None:
    """Payments known so far came without any of this."""
    with op.batch_alter_table("payments") as payments:
        for name in TEXTS:
            payments.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        payments.add_column(
            sa.Column("return_fee_cents", sa.BigInteger(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("payments") as payments:
        for name in TEXTS:
            payments.alter_column(name, existing_type=sa.Text(), server_default=None)
        payments.alter_column("return_fee_cents", existing_type=sa.BigInteger(), server_default=None)


def mark_chargebacks() -> None:
    """Until now the receivable's chargeback decided what follows for its case."""
    with op.batch_alter_table("cases") as cases:
        cases.add_column(sa.Column("chargeback", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("cases") as cases:
        cases.alter_column("chargeback", existing_type=sa.Boolean(), server_default=None)
    receivables = sa.table("receivables", sa.column("id"), sa.column("charged_back_on"))
    cases_table = sa.table("cases", sa.column("receivable_id"), sa.column("chargeback"))
    taken_back = sa.select(receivables.c.id).where(receivables.c.charged_back_on.is_not(None))
    marked = cases_table.update().where(cases_table.c.receivable_id.in_(taken_back)).values(chargeback=True)
    op.get_bind().execute(marked)


def downgrade() -> None:
    with op.batch_alter_table("effects") as effects:
        effects.drop_column("sent_after")
    with op.batch_alter_table("cases") as cases:
        cases.drop_column("chargeback")
    with op.batch_alter_table("payments") as payments:
        for name in ("return_fee_cents", *TEXTS):
            payments.drop_column(name)
    with op.batch_alter_table("orders") as orders:
        orders.drop_index(op.f("ix_orders_order_id_folded"))
        orders.drop_column("reported")
        orders.drop_column("order_id_folded")
    op.drop_table("inbox_events")
