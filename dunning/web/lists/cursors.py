"""Places between two pages, as opaque text: signed, so that only what we gave out is taken back."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from dunning.web.lists.filters import BadFilter
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_number

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


class Page(Protocol):
    """Rows of a page as a query gives them, and the places before and after it, None at the ends."""

    @property
    def rows(self) -> Sequence[object]: ...
    @property
    def before(self) -> str | None: ...
    @property
    def after(self) -> str | None: ...


class Paged(ABC):
    """A list that shows one page of itself, from row `first` on. What it is of, and its address, its class says."""

    first: int

    @property
    @abstractmethod
    def shown(self) -> Page:
        """The page it shows."""

    @property
    @abstractmethod
    def total(self) -> int:
        """How many rows all its pages have."""

    @property
    @abstractmethod
    def order(self) -> str:
        """What its cursors are good for."""

    @abstractmethod
    def link(self, *pairs: tuple[str, str]) -> str:
        """Its address, with these beside its filter."""

    @property
    def position(self) -> str:
        """`1–50 of 312`."""
        first, last, total = map(write_number, (self.first, self._last, self.total))
        return _("%(first)s–%(last)s of %(total)s", first=first, last=last, total=total)

    @property
    def before_url(self) -> str:
        """The page before; empty on the first."""
        return self._link_page("before", self.shown.before, self.first)

    @property
    def after_url(self) -> str:
        """The page after; empty on the last."""
        return self._link_page("after", self.shown.after, self._last)

    @property
    def _last(self) -> int:
        return self.first + len(self.shown.rows) - 1

    def _link_page(self, name: str, place: str | None, number: int) -> str:
        return self.link((name, write_cursor(self.order, place, number))) if place else ""


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
