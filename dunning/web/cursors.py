"""Places between two pages, as opaque text: signed, so that only what we gave out is taken back."""

from dataclasses import dataclass
from typing import cast

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from dunning.web.filters import BadFilter
from dunning.web.texts import gettext as _

_TAKEN_AS_FIRST = 1


@dataclass(frozen=True)
class Cursor:
    """Where a page begins or ends. `number` is the count of the row it stands at, from 1."""

    place: str
    number: int
    backward: bool = False

    def first_row(self, size: int) -> int:
        """The number of the first row of a page with so many rows."""
        return max(self.number - size if self.backward else self.number + 1, _TAKEN_AS_FIRST)


def write_cursor(sort: str, place: str, number: int) -> str:
    """The text for `after` or `before`; it is good for tables in the same order only."""
    return str(_signer().dumps([sort, place, number]))


def read_cursor(args: MultiDict[str, str], sort: str) -> Cursor | None:
    """The place a query string asks for. BadFilter when it is not ours or of another order."""
    after, before = args.get("after"), args.get("before")
    if not after and not before:
        return None
    try:
        known, place, number = cast(list[str], _signer().loads(after or before or ""))
    except (BadSignature, ValueError) as error:
        raise BadFilter(_("This page of the list cannot be found any more.")) from error
    if known != sort or (after and before):
        raise BadFilter(_("This page of the list cannot be found any more."))
    return Cursor(place, int(number), backward=not after)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(cast(str, current_app.secret_key), salt="case-table")
