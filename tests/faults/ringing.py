"""An app that rings after its commits, for as long as a test wants to hear it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from dunning.jobs.bell import install_bell


@contextmanager
def ringing(app: Flask) -> Iterator[None]:
    """Installs the bell and takes it away again: sessions are shared by all apps of a process."""
    listeners: list[Callable[[Session], None]] = []
    listen = event.listen

    def remember(target: type[Session], name: str, function: Callable[[Session], None]) -> None:
        listen(target, name, function)
        listeners.append(function)

    with patch.object(event, "listen", remember):
        install_bell(app.config["SETTINGS"])
    yield
    for function in listeners:
        event.remove(Session, "after_commit", function)
