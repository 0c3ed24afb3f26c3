"""Which letters still go to the post as they are, and which are made anew before they do.

A letter whose mail was accepted goes on paper as it is. One that waits for the post names a deadline and numbers of its
day: when it lies too long, or they are not true any more, another is made for the next print file.
"""

import datetime as dt
from dataclasses import dataclass

from dunning.rules.calendar import land_of, nth_working_day_after
from dunning.rules.policy import Policy
from dunning.rules.statuses import RUNNING
from dunning.rules.terms import CaseStatus, LetterKind

NOT_POSTED = "not_posted"
FACTS_CHANGED = "facts_changed"


def is_put_off_too_long(since: dt.datetime, now: dt.datetime, policy: Policy) -> bool:
    """Whether a mail server that says "later" is no longer believed; local instants, `since` its first such answer."""
    last_day = nth_working_day_after(since.date(), policy.letters.remake_working_days)
    return (now.date(), now.time()) >= (last_day, since.time())


@dataclass(frozen=True)
class Paper:
    """A letter as an envelope knows it: whom to, what, and the SHA-256 of its PDF."""

    order_id: str
    name: str
    zipcode: str
    city: str
    country: str
    kind: LetterKind
    sha256: str

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What the print file is sorted by: letters of one country and postcode lie together."""
        return (self.country, self.zipcode, self.name, self.order_id)


@dataclass(frozen=True)
class Waiting:
    """What decides whether a letter goes to the post. Days are local.

    `out`: its step is done, by mail or by post. `changed`: address or amount are not the letter's any more.
    `came_back`: it, or another to the same address.
    """

    made_on: dt.date
    paper: Paper
    case_status: CaseStatus
    out: bool
    changed: bool
    came_back: bool
    posted_on: dt.date | None

    def outdated(self, today: dt.date, policy: Policy) -> str:
        """Why another letter has to be made first; empty when it can go as it is."""
        if self.out or self.posted_on:
            return ""
        if self.changed:
            return FACTS_CHANGED
        land = land_of(self.paper.country, self.paper.zipcode)
        last_day = nth_working_day_after(self.made_on, policy.letters.remake_working_days, land)
        return NOT_POSTED if today > last_day else ""

    def printable(self, today: dt.date, policy: Policy) -> bool:
        """Whether it belongs into the print file of its day, were that made today."""
        held = self.posted_on or self.came_back or self.case_status != RUNNING
        return not held and not self.outdated(today, policy)
