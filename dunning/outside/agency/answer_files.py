"""The incoming half of the folder of a collection agency without an API.

    in/*.csv                     put there by the agency, under another name until whole
    done/<number>-<hash>-<name>  taken: the record of everything the agency ever said, in order of arrival
    refused/<name>, <name>.txt   not taken, and why, row by row

A file is taken by one rename: all of it or nothing. What the agency said is read from `done` alone, so whoever is
killed in between has lost nothing.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from dunning.outside.agency.events import PartnerEvent, check_events, read_events
from dunning.outside.storage import force_out
from dunning.outside.tables.problem import ProblemList


class AnswerBook:
    """Every event of the agency, by claim; `refresh` adds what came since."""

    def __init__(self, folder: Path) -> None:
        self._incoming, self._done, self._refused = (folder / name for name in ("in", "done", "refused"))
        self._read: set[str] = set()
        self._identities: set[str] = set()
        self._events: dict[str, list[PartnerEvent]] = {}
        # reference -> mandate and back
        self.mandates: dict[str, str] = {}
        self.owners: dict[str, str] = {}

    def refresh(self) -> None:
        """Reads the taken files that are new to this process."""
        for path in sorted(self._done.glob("[!.]*.csv")):
            if path.name not in self._read:
                self._add(event for event in read_events(path) if isinstance(event, PartnerEvent))
                self._read.add(path.name)

    def list_events(self, reference: str) -> list[PartnerEvent]:
        """Of one claim in order of their days, those of a day in order of arrival."""
        return sorted(self._events.get(reference, ()), key=lambda event: event.date)

    def take_files(self, known: Callable[[str], bool]) -> list[str]:
        """Takes what the agency has put there and returns what was wrong, a line per problem.

        `known`: whether a claim of this reference was handed over. For one process at a time.
        """
        lines: list[str] = []
        for path in sorted(self._incoming.glob("[!.]*.csv")):
            if path.is_symlink() or not path.is_file():
                lines.append(f"{path.name}: is no file")
                continue
            try:
                lines += self._judge(path, known)
            except OSError as error:  # one that cannot be read keeps nobody else's answers back
                lines.append(f"{path.name}: {error.strerror}")
        return lines

    def _judge(self, path: Path, known: Callable[[str], bool]) -> list[str]:
        """Takes the file, or refuses it whole."""
        self.refresh()
        problems = ProblemList()
        for problem in check_events(path, self.mandates, known):
            problems.add(problem)
        if problems:
            return self._refuse(path, problems)
        self._take(path)
        return []

    def _add(self, events: Iterator[PartnerEvent]) -> None:
        for event in events:
            if event.identity not in self._identities:
                self._identities.add(event.identity)
                self._events.setdefault(event.reference, []).append(event)
            if event.event == "accepted":
                self.mandates[event.reference] = event.mandate
                self.owners[event.mandate] = event.reference

    def _take(self, path: Path) -> None:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        self._done.mkdir(exist_ok=True)
        if any(self._done.glob(f"*-{sha256}-*")):
            path.unlink()
            return
        number = len(list(self._done.glob("[!.]*.csv"))) + 1
        path.rename(self._done / f"{number:06}-{sha256}-{path.name}")
        force_out(self._done)

    def _refuse(self, path: Path, problems: ProblemList) -> list[str]:
        lines = [f"{path.name}: {line}" for line in problems.lines()]
        self._refused.mkdir(exist_ok=True)
        (self._refused / f"{path.name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.rename(self._refused / path.name)
        return lines
