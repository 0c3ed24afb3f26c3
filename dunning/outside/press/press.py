"""Letters become PDFs in a warm child process of their own, which can be killed.

One press per thread: `press.render(letter)` gives the PDF's bytes, the same for the same letter in any process.
`press.render_preview(letter)` is the same letter marked across every page as one that was not sent.
"""

import contextlib
import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

from dunning.outside.press.letter_text import render_html
from dunning.rules.letters.letter import Letter

__all__ = ["LetterCrashed", "LetterError", "LetterFailed", "LetterPress", "LetterTimeout", "render_html"]

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "dunning.outside.press.letter_child"]
HEADER = struct.Struct(">cI")
ORDER = struct.Struct(
    ">d?"
)  # seconds until the child's own alarm, whether it is a preview; the letter follows
DONE = b"+"
START_SECONDS = 60.0
LIMIT_SECONDS = 30.0
# the child's own alarm comes later: it is for a child whose parent is gone
ALARM_AFTER = 5.0
# a child is replaced after so many letters, so that what the engine leaks does not add up
LETTERS_PER_CHILD = 200
# what the child may know of our environment: where programs and temporary files are, never a secret
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME")
# only the letters' own fonts: with the system's, a letter would look otherwise on another machine
FONT_RULES = ROOT / "letters" / "fonts.conf"


def child_environment() -> dict[str, str]:
    """Of a process that lays something out."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**passed, "FONTCONFIG_FILE": str(FONT_RULES)}


class LetterError(Exception):
    """No PDF was made."""


class LetterFailed(LetterError):
    """The letter itself cannot be printed; it will fail again."""


class LetterTimeout(LetterError):
    """The letter took too long and its process was killed."""


class LetterCrashed(LetterError):
    """The process died while it made the letter: out of memory, or a fault in a library."""


class LetterPress:
    """Turns letters into PDFs, one after the other; for one thread. Starts its child when first needed."""

    def __init__(self, limit_seconds: float = LIMIT_SECONDS) -> None:
        self.limit_seconds = limit_seconds
        self._child: _Child | None = None

    def render(self, letter: Letter) -> bytes:
        """The PDF/A-3a. Raises LetterFailed, LetterTimeout or LetterCrashed; the next letter is not affected."""
        return self._print(letter, preview=False)

    def render_preview(self, letter: Letter) -> bytes:
        """Like `render`, with the mark of a preview on every page."""
        return self._print(letter, preview=True)

    def _print(self, letter: Letter, *, preview: bool) -> bytes:
        child = self._ready_child()
        try:
            mark, body = child.print_letter(letter.to_json().encode(), self.limit_seconds, preview=preview)
        except LetterError:
            self.close()
            raise
        if mark != DONE:
            self.close()  # what a failed letter leaves behind is nobody's next page
            raise LetterFailed(body.decode("utf-8", "replace"))
        return body

    def close(self) -> None:
        """Ends the child; the next letter starts another."""
        child, self._child = self._child, None
        if child and child.owner == os.getpid():
            child.end()

    def _ready_child(self) -> "_Child":
        # a press inherited through fork belongs to the parent: its pipes are not ours to write to
        if self._child and (self._child.owner != os.getpid() or self._child.is_spent()):
            self.close()
        if self._child is None:
            self._child = _Child()
        return self._child


class _Child:
    """The process and its two pipes."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.letters = 0
        self.process = subprocess.Popen(
            COMMAND,
            cwd=ROOT,
            env=child_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the supervisor; this one ends when its input closes
        )
        try:
            self._receive(time.monotonic() + START_SECONDS)
        except LetterError:
            self.end()
            raise

    def is_spent(self) -> bool:
        """Whether the next letter needs another child."""
        return self.letters >= LETTERS_PER_CHILD or self.process.poll() is not None

    def print_letter(self, text: bytes, limit_seconds: float, *, preview: bool) -> tuple[bytes, bytes]:
        """Its answer: a mark and the PDF or the reason."""
        self.letters += 1
        body = ORDER.pack(limit_seconds + ALARM_AFTER, preview) + text
        assert self.process.stdin  # noqa: S101 - it was asked for
        try:
            self.process.stdin.write(HEADER.pack(b"?", len(body)) + body)
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise self._explain_end() from error
        return self._receive(time.monotonic() + limit_seconds)

    def end(self) -> None:
        """Kills it: it holds nothing that could be lost."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):  # a letter half written has no reader any more
                if pipe:
                    pipe.close()

    def _receive(self, until: float) -> tuple[bytes, bytes]:
        mark, size = HEADER.unpack(self._read(HEADER.size, until))
        return mark, self._read(size, until)

    def _read(self, size: int, until: float) -> bytes:
        """Exactly so many bytes before `until` on the monotonic clock."""
        assert self.process.stdout  # noqa: S101 - it was asked for
        handle, parts = self.process.stdout.fileno(), bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            while len(parts) < size:
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise LetterTimeout("the letter took too long and was stopped")
                part = os.read(handle, size - len(parts))
                if not part:
                    raise self._explain_end()
                parts += part
        return bytes(parts)

    def _explain_end(self) -> LetterError:
        status = self.process.wait()
        if -status in (signal.SIGXCPU, signal.SIGALRM):
            return LetterTimeout("the letter used up its time")
        return LetterCrashed(f"the letter's process ended with status {status}")
