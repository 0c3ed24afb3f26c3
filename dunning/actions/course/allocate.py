"""Allocates money whose value date has come: costs, interest, principal; a covered case becomes `paid`."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dunning.actions.course.advance import schedule_from_start
from dunning.actions.course.charge_back import reopen_paid
from dunning.actions.course.stop_order import clear_block, drop_calls
from dunning.actions.dossier.actor import SYSTEM
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import change_status, note_failure
from dunning.actions.dossier.ledger import post_entry, refresh_sums
from dunning.actions.to_partner.cancellation import drop_request
from dunning.desk import Desk
from dunning.records.database import transaction
from dunning.records.orders import LedgerEntry, Payment
from dunning.rules.money.claim import sum_entries
from dunning.rules.money.corrections import Posting
from dunning.rules.money.settlement import settle
from dunning.rules.statuses import PAID, TERMINAL

SOURCES = {"interest": "allocation", "remainder_forgiven": "remainder"}


def allocate_payment(payment_id: int, desk: Desk) -> None:
    """Settles every receivable the payment was booked on, once; a second call finds it done.

    Money that goes back on a later day than it was known reopens a paid case on that day.
    """
    with transaction() as session:
        mark = update(Payment).where(Payment.id == payment_id, Payment.allocated_on.is_(None))
        if session.scalar(mark.values(allocated_on=desk.today).returning(Payment.id)) is None:
            return
        booked = select(LedgerEntry.receivable_id).where(LedgerEntry.payment_id == payment_id).distinct()
        for receivable_id in sorted(session.scalars(booked).all()):
            dossier = open_dossier(session, receivable_id)
            if any(
                entry.payment_id == payment_id and entry.kind == "chargeback" for entry in dossier.entries
            ):
                reopen_paid(session, dossier, desk)
            settle_dossier(session, dossier, desk)
            schedule_from_start(dossier, desk)


def note_unallocated(payment_id: int, desk: Desk, error: str) -> None:
    """A payment the rules choke on is tried again by every run; a person sees it once a day with its error."""
    booked = select(LedgerEntry.receivable_id).where(LedgerEntry.payment_id == payment_id).distinct()
    with transaction() as session:
        for receivable_id in session.scalars(booked).all():
            dossier = open_dossier(session, receivable_id)
            note_failure(session, dossier, error, on=desk.today, now=desk.now)


def settle_dossier(session: Session, dossier: Dossier, desk: Desk) -> None:
    """Posts all that follows from the entries known by now, and closes an open case whose claim is covered.

    Nobody is called any more about what is covered, with a case or without.
    Never reopens a case: a payment taken back is `charge_back.reopen_paid`'s.
    """
    session.flush()  # the rules name entries by their ids
    settlement = settle(dossier.read_facts(), desk.policy, desk.today)
    _post_all(session, dossier, settlement.postings, desk)
    if settlement.covered and dossier.case and dossier.case.status not in TERMINAL:
        _close_paid(session, dossier, desk)
    balance = sum_entries(dossier.read_facts().entries, desk.today)
    if settlement.covered or (balance.paid > 0 and balance.outstanding <= 0):
        drop_calls(dossier, "paid")
    refresh_sums(session, dossier, desk.today)


def _post_all(session: Session, dossier: Dossier, postings: Sequence[Posting], desk: Desk) -> None:
    entries: dict[int | None, LedgerEntry] = {entry.id: entry for entry in dossier.entries}
    for posting in postings:
        corrected = entries.get(posting.reverses)
        source = SOURCES.get(posting.kind, "settlement")
        entry = post_entry(
            session,
            dossier,
            posting.kind,
            posting.cents,
            posting.value_date,
            desk,
            source=source,
            reverses=corrected,
        )
        if entry and posting.id:
            entries[posting.id] = entry
    session.flush()


def _close_paid(session: Session, dossier: Dossier, desk: Desk) -> None:
    case = dossier.case
    assert case is not None  # noqa: S101 - settle_dossier has seen it
    change_status(session, case, SYSTEM, "pay", PAID, desk)
    clear_block(case)
    case.ended_on = desk.today
    drop_request(session, case, desk, "paid")
