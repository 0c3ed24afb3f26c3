"""The statuses of a case and every change between them, as data (design: "Statuses").

A change that is not in the table is refused with a message that names the status and what is allowed from it.
"""

from dataclasses import dataclass
from typing import Final, get_args

from dunning.rules.terms import Asked, CaseStatus, ChangeVerb, Side, Status

OVERDUE: Final = "overdue"  # shown by look-ups for an unpaid receivable without a case, never stored
AWAITING_APPROVAL: Final = "awaiting_approval"
RUNNING: Final = "running"
READY_FOR_HANDOVER: Final = "ready_for_handover"
HANDED_OVER: Final = "handed_over"
BLOCKED: Final = "blocked"
PAID: Final = "paid"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
CLOSED: Final = "closed"

STORED: tuple[CaseStatus, ...] = get_args(CaseStatus)
ALL: tuple[Status, ...] = (OVERDUE, *STORED)
TERMINAL: frozenset[CaseStatus] = frozenset({PAID, CANCELLED, CLOSED})
OPEN = tuple(status for status in STORED if status not in TERMINAL)
BEFORE_HANDOVER: tuple[CaseStatus, ...] = (AWAITING_APPROVAL, RUNNING, READY_FOR_HANDOVER, BLOCKED, FAILED)

SYSTEM: Final = "system"
VENDOR: Final = "vendor"
SUPPORT: Final = "support"
_PEOPLE: tuple[Side, ...] = (VENDOR, SUPPORT)


@dataclass(frozen=True)
class Change:
    """One allowed change of status: by which verb and by whom. `source` None = a new case."""

    source: CaseStatus | None
    target: CaseStatus
    verb: ChangeVerb
    actors: tuple[Side, ...]


def _each(
    sources: tuple[CaseStatus, ...], target: CaseStatus, verb: ChangeVerb, actors: tuple[Side, ...]
) -> tuple[Change, ...]:
    return tuple(Change(source, target, verb, actors) for source in sources)


CHANGES: tuple[Change, ...] = (
    *(Change(None, target, "open", (SYSTEM,)) for target in (AWAITING_APPROVAL, RUNNING, FAILED)),
    *_each((AWAITING_APPROVAL, FAILED, READY_FOR_HANDOVER), RUNNING, "start", _PEOPLE),
    *_each((RUNNING,), READY_FOR_HANDOVER, "await_consent", (SYSTEM,)),
    *_each((RUNNING,), HANDED_OVER, "accept_claim", (SYSTEM,)),
    *_each((RUNNING, HANDED_OVER), FAILED, "fail", (SYSTEM,)),
    *_each((AWAITING_APPROVAL, FAILED), CLOSED, "cancel", (*_PEOPLE, SYSTEM)),
    *_each((RUNNING, READY_FOR_HANDOVER, BLOCKED, FAILED), CANCELLED, "cancel", (*_PEOPLE, SYSTEM)),
    *_each((HANDED_OVER,), CANCELLED, "end_mandate", (SYSTEM,)),
    *_each((HANDED_OVER,), CLOSED, "end_mandate", (SYSTEM,)),
    *_each((AWAITING_APPROVAL, RUNNING, READY_FOR_HANDOVER, FAILED), BLOCKED, "block", (SUPPORT, SYSTEM)),
    *(
        Change(BLOCKED, target, "unblock", (SUPPORT, SYSTEM))
        for target in (AWAITING_APPROVAL, RUNNING, READY_FOR_HANDOVER, FAILED)
    ),
    *_each(OPEN, PAID, "pay", (SYSTEM,)),
    *(Change(PAID, target, "charge_back", (SYSTEM,)) for target in (AWAITING_APPROVAL, RUNNING, HANDED_OVER)),
    # the partner had ended its work: for money that was taken back, or on a request that was moot by then
    *_each((HANDED_OVER,), AWAITING_APPROVAL, "charge_back", (SYSTEM,)),
    *_each((HANDED_OVER,), RUNNING, "charge_back", (SYSTEM,)),
    *(Change(PAID, target, "reverse_payment", (SYSTEM, SUPPORT)) for target in OPEN),
    *(Change(CLOSED, target, "reopen", _PEOPLE) for target in (AWAITING_APPROVAL, FAILED)),
    *(
        Change(CANCELLED, target, "reopen", _PEOPLE)
        for target in (RUNNING, READY_FOR_HANDOVER, BLOCKED, FAILED)
    ),
    *(
        Change(RUNNING, target, "undo_start", (VENDOR,))
        for target in (AWAITING_APPROVAL, FAILED, READY_FOR_HANDOVER)
    ),
)
_ALLOWED = {(change.source, change.target, change.verb): change for change in CHANGES}


class Refused(Exception):
    """The status does not allow the change. `status` is the current one, `allowed` the verbs open from it."""

    def __init__(self, status: Status | None, verb: Asked, actor: Side) -> None:
        self.status, self.verb, self.actor = status, verb, actor
        self.allowed = allowed_verbs(status, actor)
        allowed = ", ".join(self.allowed) or "nothing"
        super().__init__(f"{verb} is not allowed for {actor} while the case is {status}; allowed: {allowed}")


def allowed_verbs(status: Status | None, actor: Side) -> tuple[ChangeVerb, ...]:
    """The verbs an actor may use on a case of this status, in the table's order, without repeats."""
    return tuple(dict.fromkeys(c.verb for c in CHANGES if c.source == status and actor in c.actors))


def check_change(source: CaseStatus | None, target: CaseStatus, verb: ChangeVerb, actor: Side) -> None:
    """Raises `Refused` unless the table allows this actor this change by this verb."""
    change = _ALLOWED.get((source, target, verb))
    if change is None or actor not in change.actors:
        raise Refused(source, verb, actor)


def cancel_target(status: CaseStatus, any_letter: bool) -> CaseStatus:
    """Where Cancel leads: `closed` before any letter went out, `cancelled` after."""
    untouched = status == AWAITING_APPROVAL or (status == FAILED and not any_letter)
    return CLOSED if untouched else CANCELLED
