"""What migrations are compared with: every table of the records, and how its types are spelled in a revision."""

from typing import Any, Literal

import dunning.sandbox.tables  # noqa: F401  # the sandbox keeps its books in the same database: registers its tables
from dunning.records import Base
from dunning.records.database import UtcDateTime


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
