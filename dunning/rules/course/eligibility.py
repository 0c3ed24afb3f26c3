"""The red and green points: why a receivable can be dunned, and why not. The only place that knows "why not".

One function computes them; it guards the opening of a case, Start and the handover, and it is what the panel shows.
Sentences are English message ids with named values; pages translate them, the command line prints them.
"""

import datetime as dt
from dataclasses import dataclass, field

from dunning.rules.course import buyer_points, points
from dunning.rules.course.points import Point
from dunning.rules.course.steps import dunning_date
from dunning.rules.facts import Facts
from dunning.rules.policy import Policy

WAYS_IN = ("one_off", "instalment", "chargeback")
OPEN_POINTS = (
    "order_exists",
    "not_test",
    "not_refunded",
    "not_cancelled",
    "open_amount",
    "currency",
    "method_allowed",
    "due_date_known",
    "due_date_passed",
    "dunning_date_reached",
)
START_POINTS = (
    *OPEN_POINTS,
    "no_dispute",
    "name",
    "street",
    "house_number",
    "zipcode",
    "city",
    "country",
    "vendor_active",
    "scheme_chosen",
    "not_time_barred",
)
# red at the handover: the case waits; any other red point makes it fail
WAITING_POINTS = ("letters_sent", "deadline_passed", "not_blocked", "no_dispute")
HANDOVER_POINTS = (*START_POINTS, "letters_sent", "deadline_passed", "not_blocked")
_DATE_POINTS = ("due_date_passed", "dunning_date_reached")
ADDRESS_POINTS = ("street", "house_number", "zipcode", "city", "country")


@dataclass(frozen=True)
class Group:
    """Points that belong together. `folded`: a way in that does not apply to this order."""

    key: str
    points: tuple[Point, ...]
    folded: bool = False

    @property
    def ok(self) -> bool:
        return all(point.ok for point in self.points if point.blocks)


@dataclass(frozen=True)
class Eligibility:
    """All groups for one receivable on one day, and what they mean for each decision."""

    groups: tuple[Group, ...]
    # the day it enters dunning when nothing but the date is missing; None when it never will as things are
    appears_on: dt.date | None = None
    _by_key: dict[str, Point] = field(default_factory=dict)

    def red(self, keys: tuple[str, ...]) -> tuple[Point, ...]:
        """The red points among `keys`, in order."""
        return tuple(self._by_key[key] for key in keys if key in self._by_key and not self._by_key[key].ok)

    @property
    def one_way_in(self) -> bool:
        return any(group.ok for group in self.groups if group.key in WAYS_IN)

    @property
    def may_open(self) -> bool:
        return self.one_way_in and not self.red(OPEN_POINTS)

    @property
    def may_start(self) -> bool:
        return self.one_way_in and not self.red(START_POINTS)

    @property
    def may_hand_over(self) -> bool:
        return self.one_way_in and not self.red(HANDOVER_POINTS)

    @property
    def address_incomplete(self) -> bool:
        return bool(self.red(ADDRESS_POINTS))

    @property
    def handover_failures(self) -> tuple[Point, ...]:
        """Red points that make a handover fail rather than wait."""
        return self.red(tuple(key for key in HANDOVER_POINTS if key not in WAITING_POINTS))


def check(facts: Facts, policy: Policy, today: dt.date) -> Eligibility:
    """All points of a receivable on a local day."""
    look = points.Look(facts, policy, today)
    groups = (
        _way("one_off", points.is_one_off(look)),
        _way("instalment", points.is_instalment(look)),
        _way("chargeback", points.charged_back(look)),
        Group("order", points.check_order(look)),
        Group("deadline", points.check_deadline(look)),
        Group("buyer", buyer_points.check_buyer(look)),
        Group("vendor", points.check_vendor(look)),
        Group("handover", points.check_handover(look)),
    )
    by_key = {point.key: point for group in groups for point in group.points}
    found = Eligibility(groups, None, by_key)
    lasting = tuple(key for key in OPEN_POINTS if key not in _DATE_POINTS)
    appears = (
        None if facts.case or found.red(lasting) or not found.one_way_in else dunning_date(facts, policy)
    )
    return Eligibility(groups, appears, by_key)


def check_unknown() -> Eligibility:
    """For an order ID nobody knows: one red point."""
    point = points.order_missing()
    return Eligibility((Group("order", (point,)),), None, {point.key: point})


def _way(key: str, point: Point) -> Group:
    return Group(key, (point,), folded=not point.ok)
