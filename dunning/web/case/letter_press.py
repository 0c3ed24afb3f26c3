"""The press of a web process: one warm child for previews, started with the first and ended with the process."""

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dunning.outside.press.press import LetterPress, LetterTimeout
from dunning.rules.letters.letter import Letter

# somebody waits in front of a browser: less patience than a worker has
LIMIT_SECONDS = 10.0
WAIT_SECONDS = 10.0


class SharedPress:
    """A press that the threads of a process take in turn."""

    def __init__(self) -> None:
        self._press = LetterPress(LIMIT_SECONDS)
        self._turn = threading.Lock()
        atexit.register(self.close)

    def render_preview(self, letter: Letter) -> bytes:
        """The marked PDF. Raises a LetterError."""
        with self.take_turn():
            return self._press.render_preview(letter)

    @contextmanager
    def take_turn(self) -> Iterator[None]:
        """One PDF at a time in this process. Raises LetterTimeout when too many others were first."""
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise LetterTimeout("too many previews at once")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Ends the child."""
        self._press.close()


press = SharedPress()
