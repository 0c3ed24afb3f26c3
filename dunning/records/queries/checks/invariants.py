"""The promises that must hold at any moment, asked of the database (design: "Invariants").

Each check yields one line per violation; an empty database has none.
"""

import datetime as dt
from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from dunning.records.queries.checks import cases, traffic
from dunning.rules.policy import Policy

Check = Callable[[Session, Policy, dt.datetime], Iterator[str]]

CHECKS: dict[str, Check] = {
    "I1": traffic.check_effects,
    "I2": cases.check_sums,
    "I3": traffic.check_silence,
    "I4": cases.check_handed_over,
    "I5": cases.check_history,
    "I7": traffic.check_delays,
    "I8": cases.check_vendors,
    "I10": traffic.check_inbox,
    "I11": cases.check_distances,
}


def list_violations(session: Session, policy: Policy, now: dt.datetime) -> Iterator[str]:
    """One line per violation as of an instant, beginning with the invariant's name."""
    for name, check in CHECKS.items():
        for line in check(session, policy, now):
            yield f"{name}: {line}"
