"""What tests of pages can ask for beside the rest: `world`, a shop with a case in every status."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from dunning import create_app
from dunning.records import db
from dunning.settings import Settings
from tests.conftest import Browser
from tests.sent import record
from tests.web.world import World, build_world


@pytest.fixture(scope="session")
def played_world(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> World:
    """Played once for all tests, in a home of its own."""
    home = tmp_path_factory.mktemp("world")
    copy(sqlite_template, home / "dunning.db")
    app = create_app(Settings.from_environment({"DUNNING_HOME": str(home)}))
    app.test_client_class = Browser
    with app.app_context():
        record(db.engine, request.node)
        world = build_world(app)
        db.session.remove()
    return world


@pytest.fixture
def world(played_world: World) -> Iterator[World]:
    """The world with its app's context pushed. Tests only look at it."""
    with played_world.app.app_context():
        yield played_world
        db.session.remove()
