"""What migrations are compared with: every table of the records, and how its types are spelled in a revision."""

from typing import Any, Literal

from dunning.records import Base
from dunning.records.database import UtcDateTime
from dunning.sandbox import tables as sandbox_tables

# the sandbox partner keeps its books in the same database; naming the module registers its tables
SANDBOX = sandbox_tables.__name__


def compare_options() -> dict[str, Any]:
    """Alembic's options. SQLite changes a table by copying it (batch)."""
    return {
        "target_metadata": Base.metadata,
        "render_as_batch": True,
        "compare_type": True,
        "render_item": spell_type,
    }


def spell_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """A revision names the database's types, not ours: it must mean the same when our code has moved on."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False
