"""Numbers for names that nobody has to choose: order IDs, vendors, mail addresses."""

from collections.abc import Iterator
from contextlib import contextmanager

# above what the fixtures of a whole module take, and away from what tests choose themselves
FIRST_OF_A_TEST = 2001


class Numbers:
    """Counts up; a test on a database of its own gets the same numbers each time."""

    def __init__(self) -> None:
        self.given = 0

    def __next__(self) -> int:
        self.given += 1
        return self.given

    @contextmanager
    def anew(self) -> Iterator[None]:
        """Inside, numbers begin at FIRST_OF_A_TEST."""
        outside, self.given = self.given, FIRST_OF_A_TEST - 1
        try:
            yield
        finally:
            self.given = outside


numbers = Numbers()
