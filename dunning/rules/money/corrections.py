"""From the ledger as it is to the ledger as it should be: what is missing is posted, what is too much taken back.

Amounts are cents, signed by what they do to the claim; days are local dates. The ledger is append-only: a correction
is an entry on the value date it corrects.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from dunning.rules.facts import Entry
from dunning.rules.terms import EntryKind, Subject

# what follows from other entries, with the sign of an entry that is not a reversal
FOLLOWING: dict[EntryKind, int] = {"interest": 1, "remainder_forgiven": -1}


@dataclass(frozen=True)
class Posting:
    """An entry to be posted. `reverses` is the id of the entry it takes back.

    `id` is provisional and negative: a reversal in the same settlement may point at it.
    """

    kind: EntryKind
    cents: int
    value_date: dt.date
    reverses: int | None = None
    id: int = 0


def list_corrections(entries: Sequence[Entry], due: Sequence[Entry], today: dt.date) -> list[Posting]:
    """The postings that bring interest and remainder from what is posted to what is due, per value date."""
    numbers = count(-1, -1)
    return [
        posting
        for kind in FOLLOWING
        for posting in _Correction(entries, kind, numbers).list_postings(due, today)
    ]


class _Correction:
    """One kind's corrections, reckoned with the kind's sign taken off."""

    def __init__(self, entries: Sequence[Entry], kind: EntryKind, numbers: Iterator[int]) -> None:
        self.kind, self.sign, self.numbers = kind, FOLLOWING[kind], numbers
        self.posted = [entry for entry in entries if entry.subject == kind]
        # entry id -> value date, and cents not taken back yet
        self.left = {e.id: (e.value_date, self.sign * e.cents) for e in self.posted if e.kind == kind}
        self.postings: list[Posting] = []
        for entry in self.posted:
            if entry.kind == "reversal":
                self._take(entry.reverses_id, -self.sign * entry.cents)

    def list_postings(self, due: Sequence[Entry], today: dt.date) -> list[Posting]:
        days = list_days((*due, *self.posted), today)
        missing = {day: self._count(due, day) - self._count(self.posted, day) for day in days}
        for day, cents in missing.items():
            if cents > 0:
                self._post(day, cents)
        for day, cents in missing.items():
            if cents < 0:
                self._take_back(day, -cents)
        return self.postings

    def _count(self, entries: Iterable[Entry], day: dt.date) -> int:
        return self.sign * sum_subject((e for e in entries if e.value_date == day), self.kind)

    def _post(self, day: dt.date, cents: int) -> None:
        posting = Posting(self.kind, self.sign * cents, day, id=next(self.numbers))
        self.left[posting.id] = (day, cents)
        self.postings.append(posting)

    def _take_back(self, day: dt.date, cents: int) -> None:
        """From the newest entry up to that day; one of a later day only when there is no other."""
        newest = sorted(self.left.items(), key=lambda item: (item[1][0] <= day, item[1][0]), reverse=True)
        for key, (_, left) in newest:
            if taken := min(cents, left):
                cents -= taken
                self._take(key, taken)
                self.postings.append(Posting("reversal", -self.sign * taken, day, key))

    def _take(self, key: int | None, cents: int) -> None:
        day, left = self.left[key]
        self.left[key] = (day, left - cents)


def list_days(entries: Iterable[Entry], today: dt.date) -> list[dt.date]:
    """Every value date up to `today`, in order."""
    return sorted({entry.value_date for entry in entries if entry.value_date <= today})


def sum_subject(entries: Iterable[Entry], subject: Subject) -> int:
    """Cents of the entries that change `subject`, reversals included."""
    return sum(entry.cents for entry in entries if entry.subject == subject)
