"""Whoever sends a body slowly waits in a slot of which there are few, so that others always find a thread.

A thread of the server reads a request's body. A few dozen connections that send a byte now and then would occupy all of
them for as long as they like. Before the proxy of `deploy/` that does not happen; this is for a server without one.
"""

import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, BinaryIO

from werkzeug.exceptions import RequestTimeout

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# half of a process's threads (gunicorn.conf.py)
SLOTS = 2
# seconds in which the next piece has to come: without a slot, and with one
AT_ONCE, PATIENCE = 0.02, 15.0
PIECE = 64 * 1024


class SlowBodies:
    """WSGI middleware; where the server shows no socket it does nothing."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app
        self.slots = BoundedSemaphore(SLOTS)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        connection = environ.get("gunicorn.socket")
        if connection is None:
            return self.app(environ, start_response)
        body = environ["wsgi.input"] = PatientBody(environ["wsgi.input"], connection, self.slots)
        try:
            return self.app(environ, start_response)
        finally:
            body.release()


class PatientBody:
    """A request's body, read in pieces. Raises RequestTimeout (408) for one that comes too slowly, or has no slot."""

    def __init__(self, body: BinaryIO, connection: socket.socket, slots: BoundedSemaphore) -> None:
        self._body, self._connection, self._slots = body, connection, slots
        self._holding = False

    def read(self, size: int = -1) -> bytes:
        """All there is, or at most `size` bytes."""
        pieces: list[bytes] = []
        left = size
        while left and (piece := self._read_piece(PIECE if left < 0 else min(left, PIECE))):
            pieces.append(piece)
            left -= len(piece) if left > 0 else 0
        return b"".join(pieces)

    def readline(self, size: int = -1) -> bytes:
        """Nobody reads a form or a file by lines."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[bytes]:
        raise NotImplementedError

    def _read_piece(self, size: int) -> bytes:
        """What has come so far is kept by the body when a wait ends."""
        deadline = time.monotonic() + PATIENCE
        self._connection.settimeout(PATIENCE if self._holding else AT_ONCE)
        try:
            while True:
                try:
                    return self._body.read(size)
                except TimeoutError as silence:
                    self._take_slot(deadline, silence)
        finally:
            self._connection.settimeout(None)

    def _take_slot(self, deadline: float, silence: TimeoutError) -> None:
        left = deadline - time.monotonic()
        self._holding = self._holding or self._slots.acquire(blocking=False)
        if not self._holding or left <= 0:
            with suppress(OSError):  # the server would wait for what is still to come before it closes
                self._connection.shutdown(socket.SHUT_RD)
            raise RequestTimeout from silence
        self._connection.settimeout(min(left, 1.0))

    def release(self) -> None:
        """The next slow body may have the slot."""
        if self._holding:
            self._holding = False
            self._slots.release()
