"""Where a verb stands: the policy in force, the business day and the instant. Nothing in here asks a clock."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dunning.rules.policy import Policy
from dunning.settings import Settings

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Desk:
    """`today` is the local business day, `now` the real instant (UTC).

    `pinned`: the day is the run's, not the calendar's; its effects keep it. `delay` holds back mail and letters caused
    by a click, so that the click can be undone.
    """

    policy: Policy
    today: dt.date
    now: dt.datetime
    pinned: bool = False
    delay: dt.timedelta = dt.timedelta(0)
    timezone: ZoneInfo = BERLIN

    @classmethod
    def at(
        cls,
        settings: Settings,
        now: dt.datetime,
        on: dt.date | None = None,
        *,
        pinned: bool = False,
        delay: dt.timedelta = dt.timedelta(0),
    ) -> "Desk":
        """Under the policy of these settings. The business day is the local one of `now`, unless it is `on`."""
        return cls(settings.policy, on or settings.local_day(now), now, pinned, delay, settings.timezone)

    @property
    def horizon(self) -> dt.date:
        """The last day that can have been played: the present one, or that of a run played ahead on purpose."""
        return max(self.today, self.local_now.date())

    @property
    def local_now(self) -> dt.datetime:
        return self.now.astimezone(self.timezone)
