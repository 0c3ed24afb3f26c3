"""Money that was credited and is taken back: a returned debit or a withdrawn payment, on one receivable."""

import datetime as dt
from dataclasses import dataclass

from dunning.actions.course.allocate import follow_up
from dunning.actions.course.charge_back import reopen_paid
from dunning.actions.dossier.dossier import Dossier
from dunning.actions.dossier.history import note_receivable
from dunning.actions.dossier.ledger import NewEntry, post_entry
from dunning.rules.money.claim import sum_entries
from dunning.rules.terms import EntryKind, PaymentSource
from dunning.work import Work


def count_credited(dossier: Dossier) -> int:
    """Cents that can be taken back: what was paid and has not been withdrawn, whatever its value date."""
    return max(sum_entries(dossier.read_facts().entries, dt.date.max).paid, 0)


@dataclass(frozen=True)
class Chargeback:
    """Money that goes back, in cents, from its value date on; `reason` and `fee_cents` are the bank's."""

    cents: int
    value_date: dt.date
    source: PaymentSource
    payment_id: int
    fee_cents: int = 0
    reason: str = ""

    def name_entry(self, kind: EntryKind, cents: int) -> NewEntry:
        """One of its two entries."""
        return NewEntry(kind, cents, self.value_date, self.source, payment_id=self.payment_id)


def take_back(work: Work, dossier: Dossier, back: Chargeback) -> int:
    """Posts a chargeback, only as far as money was credited, and the bank's fee. Returns the cents posted.

    A paid case whose principal is open again comes back with its history. With a method that the policy never collects
    after a chargeback (an invoice) the days count on as if nothing had been paid.
    """
    taken = min(back.cents, count_credited(dossier))
    if taken <= 0:
        return 0
    post_entry(work, dossier, back.name_entry("chargeback", taken))
    post_entry(work, dossier, back.name_entry("return_fee", back.fee_cents))
    if work.policy.treatment(dossier.order.payment_method, "charged_back") != "never":
        dossier.receivable.charged_back_on = back.value_date
    said = {"cents": taken, "fee_cents": back.fee_cents}
    note_receivable(work.by_system, dossier, "take_back", reason=back.reason, **said)
    _reopen(work, dossier, back.value_date)
    follow_up(work, dossier)
    return taken


def _reopen(work: Work, dossier: Dossier, value_date: dt.date) -> None:
    balance = sum_entries(dossier.read_facts().entries, max(work.today, value_date))
    if balance.open_principal > 0:
        reopen_paid(work, dossier)
