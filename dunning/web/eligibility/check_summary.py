"""The eligibility of a case in a few lines: for each group how many of its points are green."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from dunning.rules.course.eligibility import START_POINTS, WAITING_POINTS, Eligibility, Group

# red only because their time has not come
LATER = tuple(key for key in WAITING_POINTS if key not in START_POINTS)
GROUP_LABELS = {
    "one_off": _l("One-off purchase"),
    "instalment": _l("Instalment"),
    "chargeback": _l("Chargeback"),
    "order": _l("Order"),
    "deadline": _l("Deadline"),
    "buyer": _l("Buyer"),
    "vendor": _l("Vendor"),
    "handover": _l("Handover"),
}


@dataclass(frozen=True)
class GroupLine:
    """One group: how many of its points are green, red, or wait for their time. Advice is neither."""

    key: str
    label: str
    total: int
    green: int
    red: int
    later: int

    @property
    def state(self) -> str:
        return "bad" if self.red else "later" if self.later else "ok"


@dataclass(frozen=True)
class CheckSummary:
    """All groups that apply, and the sums over them."""

    lines: tuple[GroupLine, ...]

    @property
    def green(self) -> int:
        return sum(line.green for line in self.lines)

    @property
    def red(self) -> int:
        return sum(line.red for line in self.lines)

    @property
    def later(self) -> int:
        return sum(line.later for line in self.lines)

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)


def sum_up(found: Eligibility) -> CheckSummary:
    """The groups in order; ways in that do not apply are left out."""
    return CheckSummary(tuple(_sum_group(group) for group in found.groups if not group.folded))


def _sum_group(group: Group) -> GroupLine:
    open_points = [point for point in group.points if point.blocks and not point.ok]
    later = sum(1 for point in open_points if point.key in LATER)
    return GroupLine(
        key=group.key,
        label=str(GROUP_LABELS[group.key]),
        total=len(group.points),
        green=sum(1 for point in group.points if point.ok),
        red=len(open_points) - later,
        later=later,
    )
