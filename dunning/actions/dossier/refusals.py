"""Answers that are no: each carries what a page needs to say so. A wrong status is `rules.statuses.Refused`."""

import datetime as dt

from dunning.rules.course.eligibility import Eligibility


class NotFound(Exception):
    """There is no such thing for this actor; somebody else's is as good as none."""


class RedPoints(Exception):
    """Points that must be green are red. Nothing was changed."""

    def __init__(self, eligibility: Eligibility, keys: tuple[str, ...]) -> None:
        self.eligibility = eligibility
        self.points = eligibility.red(keys)
        super().__init__(", ".join(point.key for point in self.points))


class SettingsLocked(Exception):
    """The scheme can be changed again on `until` (local day)."""

    def __init__(self, until: dt.date) -> None:
        self.until = until
        super().__init__(f"the dunning option can be changed again on {until}")


class InReview(Exception):
    """A claim is being sent to or reviewed by the partner: the case is frozen until the answer."""


class ReasonMissing(Exception):
    """Support has to say why: `field` is reason, or request for the vendor's written one in its own words."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"the {field} is missing")


class DayPlayed(Exception):
    """A business day before the last one played is never played again."""


class WrongDay(Exception):
    """A letter is posted, or comes back, on a day from its own to today."""


class CannotAssign(Exception):
    """The payment does not fit where it was to go. `reason` is one of `rules.matching.REASONS`. Nothing was changed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class AlreadyAssigned(Exception):
    """Somebody has dealt with the payment meanwhile."""


class NotInDoubt(Exception):
    """The mail is not in doubt any more: a colleague has decided, or it was never parked."""


class CannotRequest(Exception):
    """The partner cannot be asked to cancel now. `reason` is one of `rules.cancellation.OBSTACLES`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class AlreadyDecided(Exception):
    """The cancellation request does not wait any more: a colleague has decided, or it is moot."""
