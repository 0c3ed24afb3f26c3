"""The hold of a case as its page shows it: until when it is held, or the form with what was typed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.rules.partner.hold import ONE_DAY, end_hold, is_held
from dunning.rules.statuses import HANDED_OVER

PRESETS = (14, 30, 42)
LONGEST = 2_000


@dataclass(frozen=True)
class HoldForm:
    """`held_until` is the last day of the running hold; presets are (days, last day), all days local."""

    most: int
    presets: list[tuple[int, dt.date]]
    held_until: dt.date | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def next_from(self) -> dt.date | None:
        """From when on it can be held again."""
        return self.held_until + ONE_DAY if self.held_until else None

    def typed(self, sent: Mapping[str, str], errors: Mapping[str, str]) -> "HoldForm":
        """The form as it came back, with what is wrong."""
        return replace(self, values=trim_form(sent), errors=errors)


def offer_hold(case: Case, desk: Desk) -> HoldForm | None:
    """What the page shows; nothing before the handover and after the end."""
    if case.status != HANDED_OVER:
        return None
    most = desk.policy.limits.hold_days
    presets = [(days, end_hold(desk.today, days, most)) for days in PRESETS if days <= most]
    return HoldForm(most, presets, case.hold_until if is_held(case.hold_until, desk.today) else None)


def trim_form(sent: Mapping[str, str]) -> dict[str, str]:
    """Days and the vendor's request, without the blanks around."""
    return {name: sent.get(name, "").strip()[:LONGEST] for name in ("days", "request")}


def read_days(text: str) -> int:
    """The typed number of days; 0, which no hold has, for what is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
