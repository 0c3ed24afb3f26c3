"""Which receivables of the ledger a replay plays when it may not take the time for all of them.

What the walk can tell apart is a receivable's course: which events it gets, how many days lie between them, and how
far holidays move the deadlines. The sample has every course, every Land and every month, so that what it leaves out
repeats what it has.
"""

from collections.abc import Callable, Hashable, Iterable

from tests.replay.walk import LETTERS, Receivable, plan_unpaid, walk_receivable

Trait = Callable[[Receivable], Hashable]


def course_of(receivable: Receivable) -> Hashable:
    """Each event with its days since the anchor."""
    events = walk_receivable(receivable)
    return tuple((event, (day - receivable.anchor).days) for event, day in events.items())


def deadlines_of(receivable: Receivable) -> Hashable:
    """Each letter that goes out, with its deadline's days since the anchor."""
    plan, events = plan_unpaid(receivable.anchor, receivable.land), walk_receivable(receivable)
    deadlines = zip(LETTERS, (plan.first_deadline, plan.second_deadline), strict=True)
    return tuple((letter, (day - receivable.anchor).days) for letter, day in deadlines if letter in events)


def land_of(receivable: Receivable) -> Hashable:
    """Whose holidays hold."""
    return receivable.land


def month_of(receivable: Receivable) -> Hashable:
    """Year and month of the order."""
    return receivable.anchor.year, receivable.anchor.month


TRAITS: tuple[Trait, ...] = (course_of, deadlines_of, land_of, month_of)


def choose_sample(ledger: Iterable[Receivable]) -> list[Receivable]:
    """The first of each kind, in the ledger's order."""
    in_order = list(ledger)
    chosen: set[Receivable] = set()
    for trait in TRAITS:
        seen = {trait(receivable) for receivable in chosen}
        for receivable in in_order:
            if trait(receivable) not in seen:
                seen.add(trait(receivable))
                chosen.add(receivable)
    return [receivable for receivable in in_order if receivable in chosen]
