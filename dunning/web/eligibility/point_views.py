"""Groups and points of the eligibility as they are shown: hue, icon, words, the value seen, the fix."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from dunning.rules.course.eligibility import START_POINTS, WAITING_POINTS, WAYS_IN, Eligibility, Group
from dunning.rules.course.points import Point
from dunning.web.eligibility.check_summary import GROUP_LABELS
from dunning.web.request.current import current_person
from dunning.web.request.texts import gettext as _
from dunning.web.words.point_labels import describe_fix, describe_point, label_point

COLUMNS = (("buyer",), ("order", "vendor"), ("deadline", "handover"))


@dataclass(frozen=True)
class PointView:
    """One point as it is shown: hue and icon, its name, the value seen, a word for its state, what to do."""

    key: str
    ok: bool
    label: str
    text: str
    word: str
    hue: str
    icon: str
    fix: str
    url: str  # where to mend it, when that is another page


@dataclass(frozen=True)
class GroupView:
    """A group with its points, the red ones first."""

    key: str
    label: str
    points: list[PointView]
    folded: bool

    @property
    def green(self) -> int:
        """How many points are met; a warning is."""
        return sum(point.ok for point in self.points)

    def count(self, hue: str) -> int:
        """How many points are shown so."""
        return sum(point.hue == hue for point in self.points)


@dataclass(frozen=True)
class PointBoard:
    """All groups as they are laid out: columns, and the ways in, those that apply first."""

    columns: list[list[GroupView]]
    ways: list[GroupView]

    @property
    def green(self) -> int:
        """How many points are met."""
        return sum(group.green for group in self._applying())

    def count(self, hue: str) -> int:
        """How many points are shown so."""
        return sum(group.count(hue) for group in self._applying())

    def _applying(self) -> Iterator[GroupView]:
        """All groups but the ways in that do not apply."""
        groups = [*(group for column in self.columns for group in column), *self.ways]
        return (group for group in groups if not group.folded)


def arrange_points(found: Eligibility) -> PointBoard:
    """The eligibility's groups in their places; an unknown order has one group only."""
    groups = {group.key: view_group(group) for group in found.groups}
    columns = [[groups[key] for key in column if key in groups] for column in COLUMNS]
    ways = sorted((groups[key] for key in WAYS_IN if key in groups), key=lambda group: group.folded)
    return PointBoard([column for column in columns if column], ways)


def view_group(group: Group) -> GroupView:
    """The group with its red points first."""
    points = sorted(_view_points(group), key=lambda point: point.hue != "bad")
    return GroupView(group.key, str(GROUP_LABELS[group.key]), points, group.folded)


def _view_points(group: Group) -> Iterator[PointView]:
    for point in group.points:
        hue, icon, word = _judge_point(point, folded=group.folded)
        yield PointView(
            key=point.key,
            ok=point.ok,
            label=label_point(point.key),
            text=describe_point(point),
            word=word,
            hue=hue,
            icon=icon,
            fix=describe_fix(point),
            url=_find_page(point),
        )


def _judge_point(point: Point, *, folded: bool) -> tuple[str, str, str]:
    """Hue, icon and word: what waits for its time or is only advice is not red."""
    if point.ok and point.fix:
        return "wait", "info", _("warning")
    if point.ok:
        return "good", "check", _("met")
    if folded:
        return "off", "x", _("does not apply")
    if not point.blocks:
        return "wait", "info", _("notice")
    if point.key in WAITING_POINTS and point.key not in START_POINTS:
        return "off", "hands", _("later")
    return "bad", "x", _("missing") if point.form == "address" else _("not met")


def _find_page(point: Point) -> str:
    """Settings are the vendor's own: staff get no link to them."""
    return "" if point.form != "settings" or current_person().staff else url_for("settings.show_settings")
