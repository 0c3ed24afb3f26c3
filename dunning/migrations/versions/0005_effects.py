"""What the queue asks for are columns, no longer places in JSON; an effect in a worker's hands is `taken`.

Revision ID: 0005
Revises: 0004
"""

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
FLAGS = ("pinned", "their_turn")
PLACES = ("claim_id", "mandate_id")
# no claim of theirs: what is about one names it in the payload
MESSAGES = ("partner_hold", "partner_cancel", "partner_payment", "partner_dispute", "partner_answer")
STATES = "state in ('due', '{}', 'sending', 'retry_wait', 'done', 'failed', 'in_doubt', 'superseded')"
BATCH = 1000
EFFECTS = sa.table(
    "effects",
    sa.column("id", sa.BigInteger()),
    *(sa.column(name, sa.Text()) for name in ("kind", "state", *PLACES)),
    *(sa.column(name, sa.JSON()) for name in ("payload", "evidence")),
    *(sa.column(name, sa.Boolean()) for name in FLAGS),
)
Row = dict[str, Any]


def upgrade() -> None:
    with op.batch_alter_table("effects") as effects:
        effects.drop_constraint(op.f("ck_effects_state"), type_="check")
        for name in FLAGS:
            effects.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        for name in PLACES:
            effects.add_column(sa.Column(name, sa.Text(), nullable=True))
    rewrite(("id", "kind", "payload", "evidence"), read_facts)
    rename_state("claimed", "taken")
    with op.batch_alter_table("effects") as effects:
        for name in FLAGS:
            effects.alter_column(name, existing_type=sa.Boolean(), server_default=None)
        effects.create_check_constraint(op.f("ck_effects_state"), STATES.format("taken"))


def downgrade() -> None:
    with op.batch_alter_table("effects") as effects:
        effects.drop_constraint(op.f("ck_effects_state"), type_="check")
    rewrite(("id", "kind", "payload", "evidence", *FLAGS, *PLACES), hide_facts)
    rename_state("taken", "claimed")
    with op.batch_alter_table("effects") as effects:
        for name in (*FLAGS, *PLACES):
            effects.drop_column(name)
        effects.create_check_constraint(op.f("ck_effects_state"), STATES.format("claimed"))


def read_facts(row: Row) -> Row:
    """From JSON into columns. That a claim is released stays known where the talk with the partner reads it."""
    payload, evidence = dict(row["payload"]), dict(row["evidence"])
    their_turn = bool(evidence.get("released"))
    places: Row = dict.fromkeys(PLACES)
    if row["kind"] in MESSAGES:
        places = {name: payload.pop(name, None) for name in PLACES}
        evidence.pop("released", None)
    flags = {"pinned": bool(payload.pop("pinned", False)), "their_turn": their_turn}
    return {"payload": payload, "evidence": evidence, **flags, **places}


def hide_facts(row: Row) -> Row:
    """From columns into JSON, where the version before looks for them."""
    payload, evidence = {"pinned": row["pinned"], **row["payload"]}, dict(row["evidence"])
    if row["kind"] in MESSAGES:
        payload |= {name: row[name] for name in PLACES}
        evidence |= {"released": True} if row["their_turn"] else {}
    return {"payload": payload, "evidence": evidence}


def rewrite(names: Iterable[str], change: Callable[[Row], Row]) -> None:
    """Every effect, a batch at a time; in Python, because no dialect's JSON takes every text the other has stored."""
    connection, last = op.get_bind(), 0
    read = sa.select(*(EFFECTS.c[name] for name in names)).order_by(EFFECTS.c.id).limit(BATCH)
    while rows := connection.execute(read.where(EFFECTS.c.id > last)).mappings().all():
        changes = [{"key": row["id"]} | change(dict(row)) for row in rows]
        write = EFFECTS.update().where(EFFECTS.c.id == sa.bindparam("key"))
        columns: Row = {name: sa.bindparam(name) for name in changes[0] if name != "key"}
        connection.execute(write.values(**columns), changes)
        last = rows[-1]["id"]


def rename_state(old: str, new: str) -> None:
    op.get_bind().execute(EFFECTS.update().where(EFFECTS.c.state == old).values(state=new))
