"""Allocates money whose value date has come: costs, interest, principal; a covered case becomes `paid`."""

from collections.abc import Sequence

from sqlalchemy import select, update

from dunning.actions.course.advance import schedule_from_start
from dunning.actions.course.charge_back import reopen_paid
from dunning.actions.course.stop_order import clear_block, drop_calls
from dunning.actions.dossier.dossier import Dossier, open_dossier
from dunning.actions.dossier.history import change_status, note_failure
from dunning.actions.dossier.ledger import NewEntry, post_entry, refresh_sums
from dunning.actions.to_partner.cancellation import drop_request
from dunning.desk import Desk
from dunning.records.orders import LedgerEntry, Payment
from dunning.rules.money.claim import sum_entries
from dunning.rules.money.corrections import Posting
from dunning.rules.money.settlement import settle
from dunning.rules.statuses import PAID, TERMINAL
from dunning.rules.terms import EntryKind, EntrySource
from dunning.work import Work, begin_work

SOURCES: dict[EntryKind, EntrySource] = {"interest": "allocation", "remainder_forgiven": "remainder"}


def allocate_payment(payment_id: int, desk: Desk) -> None:
    """Settles every receivable the payment was booked on, once; a second call finds it done.

    Money that goes back on a later day than it was known reopens a paid case on that day.
    """
    with begin_work(desk) as work:
        mark = update(Payment).where(Payment.id == payment_id, Payment.allocated_on.is_(None))
        if work.session.scalar(mark.values(allocated_on=desk.today).returning(Payment.id)) is None:
            return
        booked = select(LedgerEntry.receivable_id).where(LedgerEntry.payment_id == payment_id).distinct()
        for receivable_id in sorted(work.session.scalars(booked).all()):
            dossier = open_dossier(work.session, receivable_id)
            if any(
                entry.payment_id == payment_id and entry.kind == "chargeback" for entry in dossier.entries
            ):
                reopen_paid(work, dossier)
            follow_up(work, dossier)


def note_unallocated(payment_id: int, desk: Desk, error: str) -> None:
    """A payment the rules choke on is tried again by every run; a person sees it once a day with its error."""
    booked = select(LedgerEntry.receivable_id).where(LedgerEntry.payment_id == payment_id).distinct()
    with begin_work(desk) as work:
        for receivable_id in work.session.scalars(booked).all():
            dossier = open_dossier(work.session, receivable_id)
            note_failure(work, dossier, error)


def follow_up(work: Work, dossier: Dossier) -> None:
    """After money moved: settles, and the next run looks at the earliest step nobody has dealt with."""
    settle_dossier(work, dossier)
    schedule_from_start(work, dossier)


def settle_dossier(work: Work, dossier: Dossier) -> None:
    """Posts all that follows from the entries known by now, and closes an open case whose claim is covered.

    Nobody is called any more about what is covered, with a case or without.
    Never reopens a case: a payment taken back is `charge_back.reopen_paid`'s.
    """
    work.session.flush()  # the rules name entries by their ids
    settlement = settle(dossier.read_facts(), work.policy, work.today)
    _post_all(work, dossier, settlement.postings)
    if settlement.covered and dossier.case and dossier.case.status not in TERMINAL:
        _close_paid(work, dossier)
    balance = sum_entries(dossier.read_facts().entries, work.today)
    if settlement.covered or (balance.paid > 0 and balance.outstanding <= 0):
        drop_calls(dossier, "paid")
    refresh_sums(work, dossier)


def _post_all(work: Work, dossier: Dossier, postings: Sequence[Posting]) -> None:
    entries: dict[int | None, LedgerEntry] = {entry.id: entry for entry in dossier.entries}
    for posting in postings:
        corrected = entries.get(posting.reverses)
        source = SOURCES.get(posting.kind, "settlement")
        entry = post_entry(
            work,
            dossier,
            NewEntry(posting.kind, posting.cents, posting.value_date, source=source, reverses=corrected),
        )
        if entry and posting.id:
            entries[posting.id] = entry
    work.session.flush()


def _close_paid(work: Work, dossier: Dossier) -> None:
    case = dossier.known_case
    change_status(work.by_system, case, "pay", PAID)
    clear_block(case)
    case.ended_on = work.today
    drop_request(work, case, "paid")
