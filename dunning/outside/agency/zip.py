"""A day's ZIP for a collection agency without an API: tables, letters and a manifest with the hash of each.

The same day packed again is the same bytes: nothing is compressed, no clock is read, every list is sorted.
"""

import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dunning.outside.agency.rows import PartnerRequest, thaw_request, write_claims, write_requests
from dunning.outside.storage import force_out
from dunning.rules.partner.handover import Handover, thaw_handover
from dunning.rules.partner.payload import CURRENCY

VERSION = 1
# ZIP knows no earlier day
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class WaitingClaim:
    """A claim of the day with the letters that go with it."""

    handover: Handover
    letters: tuple[Path, ...]

    def name_letter(self, letter: Path) -> str:
        """Where the letter lies in the ZIP."""
        return f"letters/{self.handover.reference}-{letter.name}"


def pack_day(source: Path, day: dt.date, target: Path) -> dict[str, Any]:
    """Writes the ZIP of what lies in `source`, whole or not at all, and returns its manifest.

    A ZIP that is there already is left as it is: the agency may have read it.
    """
    claims = list(read_claims(source))
    requests = list(read_requests(source))
    draft = target.with_suffix(".part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        manifest = fill_archive(archive, claims, requests)
        manifest["day"] = day.isoformat()
        text = json.dumps(manifest, indent=2, sort_keys=True)
        archive.writestr(zipfile.ZipInfo("manifest.json", EPOCH), text)
    if target.exists():
        draft.unlink()
    else:
        force_out(draft)
        draft.replace(target)
        force_out(target.parent)
    return manifest


def fill_archive(
    archive: zipfile.ZipFile, claims: list[WaitingClaim], requests: list[PartnerRequest]
) -> dict[str, Any]:
    """Adds every file but the manifest, which it returns without its day."""
    files: dict[str, str] = {}

    def add(name: str, content: bytes) -> None:
        archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
        files[name] = hashlib.sha256(content).hexdigest()

    rows = [(claim.handover, [claim.name_letter(letter) for letter in claim.letters]) for claim in claims]
    add("claims.csv", write_claims(rows))
    add("requests.csv", write_requests(requests))
    for claim in claims:
        for letter in claim.letters:
            add(claim.name_letter(letter), letter.read_bytes())
    return {
        "version": VERSION,
        "claims": len(claims),
        "requests": len(requests),
        "sum_cents": sum(claim.handover.total for claim in claims),
        "currency": CURRENCY,
        "files": files,
    }


def read_claims(source: Path) -> Iterator[WaitingClaim]:
    """By reference."""
    for place in sorted((source / "claims").glob("*/claim.json")):
        handover = thaw_handover(json.loads(place.read_bytes()))
        yield WaitingClaim(handover, tuple(sorted(place.parent.glob("[!.]*.pdf"))))


def read_requests(source: Path) -> Iterator[PartnerRequest]:
    """By the name of their file, which comes from their key."""
    for place in sorted((source / "requests").glob("[!.]*.json")):
        yield thaw_request(place.read_bytes())
