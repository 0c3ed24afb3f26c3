"""Letters that came back.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table in ("buyers", "letters"):
        op.add_column(table, sa.Column("undeliverable_on", sa.Date(), nullable=True))
    op.create_index("ix_letters_on_date", "letters", ["on_date"])
    with op.batch_alter_table("effects") as changed:
        changed.alter_column("vendor_id", existing_type=KEY, nullable=True)


def downgrade() -> None:
    op.execute("delete from effects where vendor_id is null")
    with op.batch_alter_table("effects") as changed:
        changed.alter_column("vendor_id", existing_type=KEY, nullable=False)
    op.drop_index("ix_letters_on_date", "letters")
    for table in ("letters", "buyers"):
        with op.batch_alter_table(table) as changed:
            changed.drop_column("undeliverable_on")
