"""What waits for the day's ZIP, in the folder of a collection agency without an API.

    day                        the business day that `open` belongs to
    draft/<reference>/         a claim not released yet: claim.json and its letters
    open/claims/<reference>/   released
    open/requests/             what else the agency is told
    closed/<day>/              the same of a day that is over; letters only until they are packed
    out/<day>.zip              for the agency

Everything appears whole, by a rename. Releasing and closing exclude each other across processes, so a claim is in
exactly one day, and a closed day never changes.
"""

import datetime as dt
import fcntl
import hashlib
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from dunning.outside.agency.rows import PartnerRequest, freeze_request
from dunning.outside.agency.zip import pack_day
from dunning.outside.partner.answers import PartnerRefused
from dunning.outside.storage import force_out
from dunning.rules.partner.handover import Handover, freeze_handover, thaw_handover

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
Place = Literal["draft", "released"]


class Spool:
    """The outgoing half of the folder. OSError when the disk is full or away; everything may be asked again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drafts, self.open, self.closed, self.out = (
            folder / name for name in ("draft", "open", "closed", "out")
        )
        self._places: dict[str, Path] = {}
        self._indexed: set[str] = set()

    def find_claim(self, reference: str) -> Place | None:
        """Where the claim is; None when it was never written, or is no reference of ours at all."""
        if not SAFE_NAME.fullmatch(reference):
            return None
        if self._find_released(reference):
            return "released"
        return "draft" if (self.drafts / reference / "claim.json").exists() else None

    def read_claim(self, reference: str) -> Handover:
        """A released claim as it was frozen; FileNotFoundError when there is none."""
        place = self._find_released(reference) or self.open / "claims" / reference
        return thaw_handover(json.loads((place / "claim.json").read_bytes()))

    def _find_released(self, reference: str) -> Path | None:
        place = self.open / "claims" / reference
        if reference not in self._places and place.is_dir():
            return place
        if reference not in self._places:
            self._index_closed()
        return self._places.get(reference)

    def _index_closed(self) -> None:
        """Notes where the claims of closed days lie, which never changes."""
        for day in self.closed.glob("*"):
            if day.name not in self._indexed:
                self._places |= {claim.name: claim for claim in (day / "claims").glob("*")}
                self._indexed.add(day.name)

    def keep_claim(self, handover: Handover) -> None:
        """A draft, unless the claim is there already."""
        reference = check_name(handover.reference)
        if self.find_claim(reference) is None:
            frozen = json.dumps(freeze_handover(handover), sort_keys=True)
            write_whole(self.drafts / reference / "claim.json", frozen.encode())

    def keep_document(self, reference: str, name: str, content: bytes) -> None:
        """Adds a letter to a draft; the same one again changes nothing."""
        if self.find_claim(reference) == "draft":
            write_whole(self.drafts / reference / check_name(name), content)

    def release_claim(self, reference: str) -> None:
        """From now on it belongs to the open day; idle when somebody was faster."""
        target = self.open / "claims" / reference
        with self.lock():
            if self.find_claim(reference) == "draft":
                target.parent.mkdir(parents=True, exist_ok=True)
                (self.drafts / reference).rename(target)
                force_out(target.parent)

    def keep_request(self, request: PartnerRequest) -> str:
        """Goes with the open day, once per key; returns the name it is known by."""
        name = hashlib.sha256(request.key.encode()).hexdigest()[:32]
        with self.lock():
            known = (self.open, *self.closed.glob("*"))
            if not any((day / "requests" / f"{name}.json").exists() for day in known):
                write_whole(self.open / "requests" / f"{name}.json", freeze_request(request))
        return name

    def turn_day(self, today: dt.date, *, day_over: bool = False) -> None:
        """Packs every day before `today`, and with `day_over` today too: what comes later is tomorrow's."""
        opens = today + dt.timedelta(days=1) if day_over else today
        with self.lock():
            present = self._read_day() or today
            if present < opens:
                self._close_day(present)
            if present < opens or self._read_day() is None:
                write_whole(self.folder / "day", max(present, opens).isoformat().encode())
            self._pack_closed()

    def _read_day(self) -> dt.date | None:
        place = self.folder / "day"
        return dt.date.fromisoformat(place.read_text("ascii")) if place.exists() else None

    def _close_day(self, day: dt.date) -> None:
        target = self.closed / day.isoformat()
        # killed before the next day was noted, the day is closed already and what came since is the next day's
        if self.open.exists() and not target.exists():
            self.closed.mkdir(exist_ok=True)
            self.open.rename(target)
            force_out(self.closed)

    def _pack_closed(self) -> None:
        """A day is packed when its manifest lies beside it; then its letters are needed no more."""
        for place in sorted(self.closed.glob("*")):
            if not (place / "manifest.json").exists():
                self.out.mkdir(exist_ok=True)
                day = dt.date.fromisoformat(place.name)
                manifest = pack_day(place, day, self.out / f"{place.name}.zip")
                write_whole(place / "manifest.json", json.dumps(manifest, sort_keys=True).encode())
                for letter in place.glob("claims/*/*.pdf"):
                    letter.unlink()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One process at a time; a killed one lets go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def check_name(name: str) -> str:
    """The name, if it can be one file's and no path."""
    if not SAFE_NAME.fullmatch(name):
        raise PartnerRefused(422, (f"not a name for a file: {name[:100]!r}",))
    return name


def write_whole(path: Path, content: bytes) -> None:
    """The file appears with all its content, also after a power cut, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as aside:
        draft = Path(aside) / "content"
        draft.write_bytes(content)
        force_out(draft)
        draft.replace(path)
    force_out(path.parent)
