"""The states of an effect and every change between them, as data: which function leads from where to where.

Whoever changes an effect asks here from which states its UPDATE may begin; a change that is not in the table is refused
before anything is asked of the database.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from dunning.rules.terms import EFFECT_STATES, EffectState

# nobody has it: for its time, or for somebody's answer
WAITING: tuple[EffectState, ...] = ("due", "retry_wait")
# a worker has it, and a lease for it
IN_HAND: tuple[EffectState, ...] = ("taken", "sending")
OPEN = tuple(state for state in EFFECT_STATES if state in (*WAITING, *IN_HAND))
# the phase of a mail that waits for its server to come back, for as long as it takes
MAIL_AWAY: Final = "mail_away"
# of what failed and goes out again in a moment: until then that can be undone
SENT_AGAIN: Final = "sent_again"
# it went out, is going out or may have gone out
UNDER_WAY: tuple[EffectState, ...] = ("sending", "done", "in_doubt")


@dataclass(frozen=True)
class Change:
    """One allowed change: by which function. `source` None = a new effect."""

    source: EffectState | None
    target: EffectState
    function: str


def _each(sources: Collection[EffectState], target: EffectState, *functions: str) -> tuple[Change, ...]:
    return tuple(Change(source, target, function) for function in functions for source in sources)


CHANGES: tuple[Change, ...] = (
    Change(None, "due", "put"),
    *_each(WAITING, "taken", "take"),
    # left behind by a worker whose lease ran out
    *_each(IN_HAND, "taken", "take"),
    Change("taken", "sending", "enter_data"),
    *_each(IN_HAND, "sending", "enter_notice", "enter_talk", "save_evidence"),
    *_each(IN_HAND, "done", "finish"),
    *_each(IN_HAND, "superseded", "supersede"),
    *_each(IN_HAND, "retry_wait", "postpone", "rest", "wait_for_partner"),
    *_each(IN_HAND, "failed", "postpone", "give_up"),
    *_each(IN_HAND, "in_doubt", "doubt"),
    # a person decides about what nobody knows of, or what failed
    *_each(("in_doubt", "failed"), "taken", "retake"),
    *_each(IN_HAND, "due", "put_back"),
    # and may take it back while nobody has begun
    Change("due", "failed", "undo_repeat"),
    # a mail about no receivable that nobody needs any more
    Change("failed", "superseded", "drop_notice"),
    # the facts have changed before a worker came
    *_each(WAITING, "superseded", "withdraw_effects", "drop_waiting"),
    *_each((*WAITING, "failed"), "superseded", "stop_telling"),
    *_each((*WAITING, "failed", "in_doubt"), "superseded", "end_effect"),
)


class UnknownChange(Exception):
    """No function of that name leads there, or not from there: a mistake in the program."""


def list_sources(function: str, target: EffectState) -> tuple[EffectState, ...]:
    """The states a function may lead to `target` from. Raises UnknownChange when it never does."""
    found = tuple(c.source for c in CHANGES if (c.function, c.target) == (function, target) and c.source)
    if not found:
        raise UnknownChange(f"{function} does not lead to {target}")
    return found


def check_sources(states: Collection[EffectState], function: str, target: EffectState) -> None:
    """Raises UnknownChange unless the function leads to `target` from each of the states."""
    if strange := [state for state in states if state not in list_sources(function, target)]:
        raise UnknownChange(f"{function} does not lead from {', '.join(strange)} to {target}")
