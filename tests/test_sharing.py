"""What tests share is whole, whoever was the first."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests import sharing


def test_a_shared_dialect_knows_its_database_though_the_first_engine_never_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "_engines", {})
    idle, working = (create_engine(f"sqlite:///{tmp_path / name}.db") for name in ("idle", "working"))
    sharing.share_statements(idle)
    sharing.share_statements(working)
    with working.connect() as connection:
        assert connection.dialect.server_version_info
    working.dispose()
    idle.dispose()
