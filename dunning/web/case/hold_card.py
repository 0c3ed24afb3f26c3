"""The hold of a case as its page shows it: until when it is held, or what can be chosen."""

import datetime as dt
from dataclasses import dataclass

from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.rules.partner.hold import ONE_DAY, end_hold, is_held
from dunning.rules.statuses import HANDED_OVER

PRESETS = (14, 30, 42)


@dataclass(frozen=True)
class HoldCard:
    """`held_until` is the last day of the running hold; presets are (days, last day), all days local."""

    most: int
    presets: list[tuple[int, dt.date]]
    held_until: dt.date | None = None

    @property
    def next_from(self) -> dt.date | None:
        """From when on it can be held again."""
        return self.held_until + ONE_DAY if self.held_until else None


def offer_hold(case: Case, desk: Desk) -> HoldCard | None:
    """What the page shows; nothing before the handover and after the end."""
    if case.status != HANDED_OVER:
        return None
    most = desk.policy.limits.hold_days
    presets = [(days, end_hold(desk.today, days, most)) for days in PRESETS if days <= most]
    return HoldCard(most, presets, case.hold_until if is_held(case.hold_until, desk.today) else None)
