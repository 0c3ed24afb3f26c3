"""A payment that was booked in error is taken back by an entry; a case it had paid goes back to where it came from."""

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from dunning.actions.case.reopen import put_back
from dunning.actions.course.advance import schedule_from_start
from dunning.actions.course.allocate import settle_dossier
from dunning.actions.course.charge_back import begin_round, find_present, go_on_there
from dunning.actions.dossier.actor import SYSTEM, Actor
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import note_event, note_form
from dunning.actions.dossier.ledger import post_entry
from dunning.actions.dossier.refusals import NotFound, ReasonMissing
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.database import transaction
from dunning.records.orders import LedgerEntry
from dunning.rules.course.steps import HANDOVER
from dunning.rules.money.settlement import settle
from dunning.rules.statuses import AWAITING_APPROVAL, HANDED_OVER, PAID, VENDOR, Refused


def reverse_payment(payment_id: int, reason: str, actor: Actor, desk: Desk) -> None:
    """Reverses every entry of the payment on its own value date. The money itself stays on record.

    A case that is not paid keeps its status: only its ledger changes. Raises Refused for vendors, ReasonMissing, and
    NotFound for a payment that is not booked, or was taken back before.
    """
    if actor.side == VENDOR:
        raise Refused(None, "reverse_payment", actor.side)
    if not reason.strip():
        raise ReasonMissing("reason")
    with transaction() as session:
        receivable_ids = _list_booked(session, payment_id)
        if not receivable_ids:
            raise NotFound(payment_id)
        note_form(session, actor, desk.now)
        for receivable_id in receivable_ids:
            dossier = open_dossier(session, receivable_id)
            _post_reversals(session, dossier, payment_id, desk)
            _note_reversal(session, dossier, payment_id, reason.strip(), actor, desk)


def _list_booked(session: Session, payment_id: int) -> list[int]:
    """The receivables on which entries of the payment still stand."""
    reversal = aliased(LedgerEntry)
    query = (
        select(LedgerEntry.receivable_id)
        .outerjoin(reversal, reversal.reverses_id == LedgerEntry.id)
        .where(LedgerEntry.payment_id == payment_id, LedgerEntry.kind == "payment", reversal.id.is_(None))
    )
    return sorted(set(session.scalars(query)))


def _post_reversals(session: Session, dossier: Dossier, payment_id: int, desk: Desk) -> None:
    reversed_ids = {entry.reverses_id for entry in dossier.entries}
    for entry in list(dossier.entries):
        if (entry.payment_id, entry.kind) == (payment_id, "payment") and entry.id not in reversed_ids:
            post_entry(
                session,
                dossier,
                "reversal",
                -entry.cents,
                entry.value_date,
                desk,
                source="correction",
                payment_id=payment_id,
                reverses=entry,
            )


def _note_reversal(
    session: Session, dossier: Dossier, payment_id: int, reason: str, actor: Actor, desk: Desk
) -> None:
    case = dossier.case
    settle_dossier(session, dossier, desk)
    if reopen_unpaid(session, dossier, desk, reason=reason, actor=actor):
        return
    if case:
        note_event(session, case, actor, "reverse_payment", desk, reason=reason, payment_id=payment_id)
    schedule_from_start(dossier, desk)


def reopen_unpaid(
    session: Session, dossier: Dossier, desk: Desk, *, reason: str = "", actor: Actor = SYSTEM
) -> bool:
    """A case that was paid by what turned out to be no payment is opened again, unless other money covers it."""
    case = dossier.case
    if case is None or case.status != PAID or settle(dossier.read_facts(), desk.policy, desk.today).covered:
        return False
    _put_back(session, dossier, case, reason, actor, desk)
    return True


def _put_back(session: Session, dossier: Dossier, case: Case, reason: str, actor: Actor, desk: Desk) -> None:
    """A claim the partner still has goes back there. One it has ended meanwhile waits for consent to a new round."""
    present = find_present(session, case)
    ended = present is None and dossier.read_facts().done(HANDOVER) is not None
    target = AWAITING_APPROVAL if ended else present
    put_back(session, dossier, case, "reverse_payment", actor, desk, reason=reason, target=target)
    if ended:
        begin_round(case, dossier, desk)
        schedule_from_start(dossier, desk)
    elif case.status == HANDED_OVER:
        go_on_there(session, case, desk)
