"""Money that was credited and is taken back: a returned debit or a withdrawn payment, on one receivable."""

import datetime as dt

from dunning.actions.course.advance import schedule_from_start
from dunning.actions.course.allocate import settle_dossier
from dunning.actions.course.charge_back import reopen_paid
from dunning.actions.dossier.dossier import Dossier
from dunning.actions.dossier.history import note_receivable
from dunning.actions.dossier.ledger import post_entry
from dunning.rules.money.claim import sum_entries
from dunning.rules.statuses import PAID
from dunning.work import Work


def count_credited(dossier: Dossier) -> int:
    """Cents that can be taken back: what was paid and has not been withdrawn, whatever its value date."""
    return max(sum_entries(dossier.read_facts().entries, dt.date.max).paid, 0)


def take_back(
    work: Work,
    dossier: Dossier,
    cents: int,
    value_date: dt.date,
    *,
    source: str,
    payment_id: int | None = None,
    fee_cents: int = 0,
    reason: str = "",
    dedupe_key: str | None = None,
) -> int:
    """Posts a chargeback of `cents`, only as far as money was credited, and the bank's fee. Returns the cents posted.

    A paid case whose principal is open again comes back with its history; `reason` is the bank's code. With a method
    that the policy never collects after a chargeback (an invoice) the days count on as if nothing had been paid.
    """
    taken = min(cents, count_credited(dossier))
    if taken <= 0:
        return 0
    post_entry(
        work,
        dossier,
        "chargeback",
        taken,
        value_date,
        source=source,
        payment_id=payment_id,
        dedupe_key=dedupe_key,
    )
    post_entry(work, dossier, "return_fee", fee_cents, value_date, source=source, payment_id=payment_id)
    if work.policy.treatment(dossier.order.payment_method, "charged_back") != "never":
        dossier.receivable.charged_back_on = value_date
    _follow_up(work, dossier, value_date, taken, fee_cents, reason)
    return taken


def _follow_up(
    work: Work,
    dossier: Dossier,
    value_date: dt.date,
    taken: int,
    fee_cents: int,
    reason: str,
) -> None:
    case = dossier.case
    note_receivable(work.by_system, dossier, "take_back", reason=reason, cents=taken, fee_cents=fee_cents)
    balance = sum_entries(dossier.read_facts().entries, max(work.today, value_date))
    if case and case.status == PAID and balance.open_principal > 0:
        reopen_paid(work, dossier)
    settle_dossier(work, dossier)
    schedule_from_start(work, dossier)
