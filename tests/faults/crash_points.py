"""Kills the code under test at a commit: just before it, so that it never was, or just after, so that nobody knows.

A commit is named by the function whose transaction it ends; the second one of a name is `name 2`. The sandbox partner's
own commits are not ours to count.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from sqlalchemy.orm import Session

import dunning

HOME = str(Path(dunning.__file__).parent)
# what opens a verb's transaction for it
FRAMES = ("records/database.py", "dunning/work.py")
BEFORE, AFTER = "before", "after"


class Killed(BaseException):
    """kill -9: no handler of the product may see it."""


@contextmanager
def crash_points(name: str = "", moment: str = BEFORE) -> Iterator[list[str]]:
    """Yields the names of the commits as they come by; at the one called `name` the process dies."""
    passed: list[str] = []
    counts: Counter[str] = Counter()
    commit = Session.commit

    def commit_or_die(session: Session) -> None:
        function = name_transaction()
        if function is None:
            commit(session)
            return
        counts[function] += 1
        passed.append(function if counts[function] == 1 else f"{function} {counts[function]}")
        if (passed[-1], moment) == (name, BEFORE):
            raise Killed(name)
        commit(session)
        if (passed[-1], moment) == (name, AFTER):
            raise Killed(name)

    with patch.object(Session, "commit", commit_or_die):
        yield passed


def name_transaction() -> str | None:
    """The product's function whose `with begin_work()` or `with transaction()` ends here; None for the sandbox's."""
    frame = sys._getframe(1)
    while frame := frame.f_back:
        file = frame.f_code.co_filename
        if file.startswith(HOME) and not file.endswith(FRAMES):
            return None if "sandbox" in file else frame.f_code.co_name
    return None
