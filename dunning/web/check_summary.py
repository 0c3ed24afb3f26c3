"""The eligibility of a case in a few lines: for each group how many of its points are green."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from dunning.rules.eligibility import WAYS_IN, Eligibility, Group

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
    """One group: green, red, or `later` when its red points only wait for their time."""

    key: str
    label: str
    green: int
    total: int
    state: str  # ok, bad or later


@dataclass(frozen=True)
class CheckSummary:
    """All groups that apply, and the sums over them."""

    lines: tuple[GroupLine, ...]

    @property
    def green(self) -> int:
        return sum(line.green for line in self.lines)

    @property
    def red(self) -> int:
        return sum(line.total - line.green for line in self.lines if line.state == "bad")

    @property
    def later(self) -> int:
        return sum(line.total - line.green for line in self.lines if line.state == "later")


def sum_up(found: Eligibility) -> CheckSummary:
    """The groups in order; ways in that do not apply are left out."""
    return CheckSummary(tuple(_sum_group(group) for group in found.groups if not group.folded))


def _sum_group(group: Group) -> GroupLine:
    blocking = [point for point in group.points if point.blocks]
    green = sum(1 for point in blocking if point.ok)
    red = {point.key for point in blocking if not point.ok}
    waiting = red <= {"letters_sent", "deadline_passed"} and group.key not in WAYS_IN
    state = "ok" if not red else "later" if waiting else "bad"
    return GroupLine(group.key, str(GROUP_LABELS[group.key]), green, len(blocking), state)
