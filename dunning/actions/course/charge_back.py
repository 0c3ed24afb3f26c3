"""A payment is taken back after its case was paid: the case comes back with its history, as a new round."""

from sqlalchemy.orm import Session

from dunning.actions.dossier.dossier import Dossier
from dunning.actions.dossier.history import change_status
from dunning.actions.dossier.tell_partner import has_mandate
from dunning.actions.to_partner.cancellation import OPEN_AGAIN, drop_request
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.rules.money.settlement import settle
from dunning.rules.statuses import AWAITING_APPROVAL, HANDED_OVER, PAID, RUNNING
from dunning.rules.terms import CaseStatus
from dunning.work import Work


def reopen_paid(work: Work, dossier: Dossier) -> None:
    """Reopens a paid case; only the handover follows. Any other case keeps its status: the ledger has changed.

    A claim that is still the partner's goes back there; otherwise `auto_chargebacks` decides who consents. A case
    that other money covers, as it was overpaid or paid twice, stays paid.
    """
    case = dossier.case
    if case is None or not was_settled(work.session, case):
        return
    if not settle(dossier.read_facts(), work.policy, work.today).covered:
        come_back(work, dossier, case)


def was_settled(session: Session, case: Case) -> bool:
    """Whether it counted as paid: here, or at a partner that has ended its work for money of a later day."""
    return case.status == PAID or (case.status == HANDED_OVER and not has_mandate(session, case))


def come_back(work: Work, dossier: Dossier, case: Case) -> None:
    """Open again as a chargeback: at the partner while that has the claim, here as a new round."""
    present = find_present(work.session, case)
    change_status(work.by_system, case, "charge_back", present or _choose_target(dossier))
    case.ended_on = None
    if present is None:
        begin_round(case, dossier, work.desk)
    elif present == HANDED_OVER:
        go_on_there(work, case)


def go_on_there(work: Work, case: Case) -> None:
    """Accepted when it was paid already, its handover counts from now on, and nobody wants the claim back any more."""
    case.handed_over_on = case.handed_over_on or work.today
    drop_request(work, case, OPEN_AGAIN)


def find_present(session: Session, case: Case) -> CaseStatus | None:
    """Where a claim is that nobody has ended: reviewed or worked on by the partner. Else None: it is ours again."""
    if has_mandate(session, case) and not case.claim_in_review:
        return HANDED_OVER
    return RUNNING if case.claim_in_review else None


def begin_round(case: Case, dossier: Dossier, desk: Desk) -> None:
    """Only the handover follows, as a new claim. What was consented to was the round that was paid.

    With a method that is never collected after a chargeback (an invoice) the steps not done follow, as if nothing had
    been paid.
    """
    case.round += 1
    never = desk.policy.treatment(dossier.order.payment_method, "charged_back") == "never"
    case.chargeback = case.chargeback or not never
    automatic = case.status == RUNNING
    case.handover_consent = "automatic" if automatic else "none"
    case.consent_by, case.consent_at = ("settings", desk.now) if automatic else (None, None)
    if automatic and case.scheme is None:
        case.scheme = dossier.settings.incasso_schema


def _choose_target(dossier: Dossier) -> CaseStatus:
    return RUNNING if dossier.settings.auto_chargebacks else AWAITING_APPROVAL
