"""What tells entries of a bank apart is kept with each payment: what they say, and the balance their day began with.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("payments") as payments:
        payments.add_column(sa.Column("fingerprint", sa.Text(), nullable=False, server_default=""))
        payments.add_column(sa.Column("day_opening", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("payments") as payments:
        payments.alter_column("fingerprint", existing_type=sa.Text(), server_default=None)
        payments.create_index(op.f("ix_payments_fingerprint"), ["fingerprint"])


def downgrade() -> None:
    with op.batch_alter_table("payments") as payments:
        payments.drop_index(op.f("ix_payments_fingerprint"))
        payments.drop_column("day_opening")
        payments.drop_column("fingerprint")
