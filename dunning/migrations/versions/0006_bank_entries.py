"""What tells entries of a bank apart is kept with each payment, and what the texts of those without an order may name.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("payments") as payments:
        payments.add_column(sa.Column("fingerprint", sa.Text(), nullable=False, server_default=""))
        payments.add_column(sa.Column("day_opening", sa.BigInteger(), nullable=True))
        payments.add_column(sa.Column("clued", sa.Boolean(), nullable=False, server_default=sa.false()))
    # the defaults stay: processes of the version before write payments until the last of them has ended
    with op.batch_alter_table("payments") as payments:
        payments.create_index(op.f("ix_payments_fingerprint"), ["fingerprint"])
        payments.create_index(op.f("ix_payments_transaction_id"), ["transaction_id"])
    with op.batch_alter_table("receivables") as receivables:
        receivables.add_column(sa.Column("cancelled_on", sa.Date(), nullable=True))
    waiting = sa.text("order_pk is null and not clued")
    op.create_index("ix_payments_to_clue", "payments", ["id"], postgresql_where=waiting, sqlite_where=waiting)
    op.add_column("inbox_events", sa.Column("odd", sa.Boolean(), nullable=False, server_default=sa.false()))
    shown = sa.text("(state <> 'applied' or odd)")
    op.create_index(
        "ix_inbox_events_shown", "inbox_events", ["id"], postgresql_where=shown, sqlite_where=shown
    )
    op.create_table(
        "payment_clues",
        sa.Column("clue", sa.Text(), nullable=False),
        sa.Column("payment_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_payment_clues_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("clue", "payment_id", name=op.f("pk_payment_clues")),
    )
    op.create_index(op.f("ix_payment_clues_payment_id"), "payment_clues", ["payment_id"])


def downgrade() -> None:
    op.drop_index("ix_inbox_events_shown", "inbox_events")
    op.drop_column("inbox_events", "odd")
    with op.batch_alter_table("receivables") as receivables:
        receivables.drop_column("cancelled_on")
    op.drop_table("payment_clues")
    op.drop_index("ix_payments_to_clue", "payments")
    with op.batch_alter_table("payments") as payments:
        payments.drop_index(op.f("ix_payments_transaction_id"))
        payments.drop_index(op.f("ix_payments_fingerprint"))
        payments.drop_column("clued")
        payments.drop_column("day_opening")
        payments.drop_column("fingerprint")
