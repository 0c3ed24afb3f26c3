"""A payment is taken back after its case was paid: the case comes back with its history, as a new round."""

from sqlalchemy.orm import Session

from dunning.actions.actor import SYSTEM
from dunning.actions.desk import Desk
from dunning.actions.facts import File
from dunning.actions.journal import change_status
from dunning.records.cases import Case
from dunning.rules.settlement import settle
from dunning.rules.statuses import AWAITING_APPROVAL, HANDED_OVER, PAID, RUNNING


def reopen_paid(session: Session, file: File, desk: Desk) -> None:
    """Reopens a paid case; only the handover follows. Any other case keeps its status: the ledger has changed.

    A claim that is still the partner's goes back there; otherwise `auto_chargebacks` decides who consents. A case
    that other money covers, as it was overpaid or paid twice, stays paid.
    """
    case = file.case
    if case is None or case.status != PAID or settle(file.facts, desk.policy, desk.today).covered:
        return
    target = HANDED_OVER if case.handed_over_on else _choose_target(file)
    change_status(session, case, SYSTEM, "charge_back", target, desk)
    case.ended_on = None
    if target != HANDED_OVER:
        case.round += 1
        case.chargeback = True
        _set_consent(case, file, desk)


def _choose_target(file: File) -> str:
    return RUNNING if file.settings.auto_chargebacks else AWAITING_APPROVAL


def _set_consent(case: Case, file: File, desk: Desk) -> None:
    """What was consented to was the round that was paid."""
    automatic = case.status == RUNNING
    case.handover_consent = "automatic" if automatic else "none"
    case.consent_by, case.consent_at = ("settings", desk.now) if automatic else (None, None)
    if automatic and case.scheme is None:
        case.scheme = file.settings.incasso_schema
