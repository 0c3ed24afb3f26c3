"""A ledger on paper: entries get ids as the database gives them, and a settlement is posted as the verb posts it."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from itertools import count

from dunning.rules.facts import Entry, Facts
from dunning.rules.money.settlement import post_all, settle
from dunning.rules.policy import Policy

Line = tuple[str, int, dt.date]


def number_entries(facts: Facts) -> Facts:
    """Entries without a real id get the next ones; what pointed at a provisional id points at the real one."""
    numbers = count(max((entry.id or 0 for entry in facts.entries), default=0) + 1)
    real: dict[int | None, int] = {}
    entries: list[Entry] = []
    for entry in facts.entries:
        given = entry.id if entry.id and entry.id > 0 else next(numbers)
        if entry.id and entry.id < 0:
            real[entry.id] = given
        entries.append(replace(entry, id=given, reverses_id=real.get(entry.reverses_id, entry.reverses_id)))
    return replace(facts, entries=tuple(entries))


def post_settlement(facts: Facts, policy: Policy, today: dt.date) -> tuple[Facts, bool]:
    """The facts after everything that follows was posted; whether the claim is covered."""
    numbered = number_entries(facts)
    settlement = settle(numbered, policy, today)
    return number_entries(post_all(numbered, settlement.postings)), settlement.covered


def sum_lines(facts: Facts) -> dict[tuple[str, dt.date], int]:
    """(what is changed, value date) -> cents, reversals taken off; what nets to nothing is left out."""
    sums: Counter[tuple[str, dt.date]] = Counter()
    for entry in facts.entries:
        sums[entry.subject, entry.value_date] += entry.cents
    return {line: cents for line, cents in sums.items() if cents}
