"""A payment that was booked in error is taken back by an entry; a case it had paid goes back to where it came from."""

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from dunning.actions.case.reopen import put_back
from dunning.actions.course.advance import schedule_from_start
from dunning.actions.course.allocate import follow_up
from dunning.actions.course.charge_back import begin_round, find_present, go_on_there
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.ledger import NewEntry, post_entry
from dunning.actions.dossier.refusals import NotFound, ReasonMissing
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.orders import LedgerEntry
from dunning.rules.money.settlement import settle
from dunning.rules.statuses import AWAITING_APPROVAL, HANDED_OVER, PAID, VENDOR, Refused
from dunning.rules.terms import HANDOVER
from dunning.work import Actor, Work, begin_work


def reverse_payment(payment_id: int, reason: str, actor: Actor, desk: Desk) -> None:
    """Reverses every entry of the payment on its own value date. The money itself stays on record.

    A case that is not paid keeps its status: only its ledger changes. Raises Refused for vendors, ReasonMissing, and
    NotFound for a payment that is not booked, or was taken back before.
    """
    if actor.side == VENDOR:
        raise Refused(None, "reverse_payment", actor.side)
    if not reason.strip():
        raise ReasonMissing("reason")
    with begin_work(desk, actor) as work:
        receivable_ids = _list_booked(work.session, payment_id)
        if not receivable_ids:
            raise NotFound(payment_id)
        for receivable_id in receivable_ids:
            dossier = open_dossier(work.session, receivable_id)
            _post_reversals(work, dossier, payment_id)
            _note_reversal(work, dossier, payment_id, reason.strip())


def _list_booked(session: Session, payment_id: int) -> list[int]:
    """The receivables on which entries of the payment still stand."""
    reversal = aliased(LedgerEntry)
    query = (
        select(LedgerEntry.receivable_id)
        .outerjoin(reversal, reversal.reverses_id == LedgerEntry.id)
        .where(LedgerEntry.payment_id == payment_id, LedgerEntry.kind == "payment", reversal.id.is_(None))
    )
    return sorted(set(session.scalars(query)))


def _post_reversals(work: Work, dossier: Dossier, payment_id: int) -> None:
    reversed_ids = {entry.reverses_id for entry in dossier.entries}
    for entry in list(dossier.entries):
        if (entry.payment_id, entry.kind) == (payment_id, "payment") and entry.id not in reversed_ids:
            post_entry(
                work,
                dossier,
                NewEntry(
                    "reversal",
                    -entry.cents,
                    entry.value_date,
                    source="correction",
                    payment_id=payment_id,
                    reverses=entry,
                ),
            )


def _note_reversal(work: Work, dossier: Dossier, payment_id: int, reason: str) -> None:
    case = dossier.case
    follow_up(work, dossier)
    if not reopen_unpaid(work, dossier, reason=reason) and case:
        note_event(work, case, "reverse_payment", reason=reason, payment_id=payment_id)


def reopen_unpaid(work: Work, dossier: Dossier, *, reason: str = "") -> bool:
    """A case that was paid by what turned out to be no payment is opened again, unless other money covers it."""
    case = dossier.case
    if case is None or case.status != PAID or settle(dossier.read_facts(), work.policy, work.today).covered:
        return False
    _put_back(work, dossier, case, reason)
    return True


def _put_back(work: Work, dossier: Dossier, case: Case, reason: str) -> None:
    """A claim the partner still has goes back there. One it has ended meanwhile waits for consent to a new round."""
    present = find_present(work.session, case)
    ended = present is None and dossier.read_facts().done(HANDOVER) is not None
    target = AWAITING_APPROVAL if ended else present
    put_back(work, dossier, "reverse_payment", reason=reason, target=target)
    if ended:
        begin_round(case, dossier, work.desk)
        schedule_from_start(work, dossier)
    elif case.status == HANDED_OVER:
        go_on_there(work, case)
