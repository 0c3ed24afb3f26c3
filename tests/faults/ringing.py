"""An app that rings after its commits, for as long as a test wants to hear it."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from dunning.jobs.bell import install_bell
from dunning.records.database import bells


@contextmanager
def ringing(app: Flask) -> Iterator[None]:
    """Installs the bell and takes it away again: the bells hear the commits of all apps of a process."""
    heard = len(bells)
    install_bell(app.config["SETTINGS"])
    yield
    del bells[heard:]
