"""The partner's payments in our ledger: what the buyer paid there is booked here, what went back there goes back here.

Payments we reported ourselves are known by our own reference and are not booked again. What the buyer pays there beyond
our claim is for the partner's own costs and none of our money.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.at_partner.news import NewsLine, note_news
from dunning.actions.dossier.dossier import Dossier
from dunning.actions.money.book_payments import book_on, book_return
from dunning.actions.money.take_back import Chargeback, take_back
from dunning.desk import Desk
from dunning.records.cases import Case
from dunning.records.effects import Effect
from dunning.records.orders import Payment
from dunning.records.partner import Mandate, PartnerNews
from dunning.rules.calendar import ONE_DAY
from dunning.rules.money.claim import compute_claim, sum_entries
from dunning.rules.money.matching import NOT_CREDITED
from dunning.rules.partner.handover import PaymentMade, thaw_handover
from dunning.rules.partner.news import PartnerPayment, choose_foreign
from dunning.rules.terms import HANDOVER, PARTNER_SOURCE, NewsKind
from dunning.work import Work

# the news that a payment was booked; its detail says which
BOOKED: Final = "payment"
# of the payment that rests on the partner's word alone
REST: Final = "rest"


def book_partner_payments(
    work: Work, dossier: Dossier, mandate: Mandate, payments: Sequence[PartnerPayment]
) -> None:
    """Brings our ledger to what the partner lists now; `payments` is its whole list for the mandate.

    One that is gone or smaller there is taken back here as a chargeback of today, or of its day still to come. One
    that is larger, or in another currency, is for a person to look at: nothing is booked.
    """
    case = mandate.case
    booked = _find_booked(work.session, mandate)
    foreign = choose_foreign(payments, _list_told(work.session, dossier, mandate))
    for payment in foreign:
        if payment.id in booked:
            continue
        if payment.currency == dossier.order.currency:
            _book_new(work, dossier, mandate, payment)
        else:
            note_news(
                work, case, NewsLine("other_currency", f"other_currency:{payment.id}", detail=_tell(payment))
            )
    listed = {payment.id: payment.cents for payment in foreign}
    for payment_id, (cents, row) in booked.items():
        costs = cents - row.amount_cents
        if row.amount_cents > 0:
            _compare(work, dossier, case, row, max(listed.get(payment_id, 0) - costs, 0))


def book_rest(work: Work, dossier: Dossier, mandate: Mandate) -> None:
    """The partner says "fully paid" and lists less than is open here: the rest is booked as paid there, once.

    A case is paid by a booked payment only; this one rests on the partner's word and says so. Money that is dated
    ahead is no rest: it pays the case on its day.
    """
    rest = sum_entries(dossier.read_facts().entries, dt.date.max).outstanding
    payment_id = f"{mandate.mandate_id}:{REST}"
    identity = f"{PARTNER_SOURCE}:{payment_id}"
    if rest > 0 and work.session.scalar(select(Payment.id).where(Payment.identity == identity)) is None:
        note_news(work, mandate.case, NewsLine(REST, payment_id, detail={"cents": rest}))
        _book(work, dossier, mandate, PartnerPayment(payment_id, rest, work.today))


def _compare(work: Work, dossier: Dossier, case: Case, row: Payment, listed: int) -> None:
    """What the partner lists of a payment now, less its own costs, against what stands here."""
    standing = _count_booked(dossier, row.id)
    if listed == standing:
        return
    kind: NewsKind = "payment_returned" if listed < standing else "payment_larger"
    key = f"{kind}:{row.transaction_id}:{listed}"
    note_news(
        work,
        case,
        NewsLine(kind, key, detail={"payment_id": row.transaction_id, "cents": listed, "booked": standing}),
    )
    if listed < standing:
        # money dated ahead goes back on its own day: before that it was not there
        day = max(work.today, row.value_date)
        take_back(work, dossier, Chargeback(standing - listed, day, PARTNER_SOURCE, row.id))


def _book_new(work: Work, dossier: Dossier, mandate: Mandate, payment: PartnerPayment) -> None:
    ours = _count_ours(dossier, payment, work.desk) if payment.cents > 0 else payment.cents
    detail = _tell(payment) | {"mandate_id": mandate.mandate_id, "ours": ours}
    key = f"{BOOKED}:{payment.id}"
    new = note_news(work, mandate.case, NewsLine(BOOKED, key, on_date=payment.value_date, detail=detail))
    if new and ours:
        _book(work, dossier, mandate, replace(payment, cents=ours))


def _count_ours(dossier: Dossier, payment: PartnerPayment, desk: Desk) -> int:
    """Cents that are for our claim, interest up to the value date included; the rest is for the partner's own costs."""
    known = sum_entries(dossier.read_facts().entries, dt.date.max)
    interest = compute_claim(dossier.read_facts(), desk.policy, payment.value_date - ONE_DAY).interest
    return max(min(payment.cents, known.outstanding + max(interest - known.interest, 0)), 0)


def _book(work: Work, dossier: Dossier, mandate: Mandate, payment: PartnerPayment) -> None:
    row = Payment(
        vendor_id=dossier.order.vendor_id,
        order_pk=dossier.order.id,
        identity=f"{PARTNER_SOURCE}:{payment.id}",
        source=PARTNER_SOURCE,
        order_id_given=dossier.order.order_id,
        rate_given=dossier.receivable.rate_number,
        amount_cents=payment.cents,
        currency=payment.currency,
        value_date=payment.value_date,
        transaction_id=payment.id,
        reference=mandate.reference_number,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    if payment.cents > 0:
        book_on(work, row, [(dossier, payment.cents)])
    elif not book_return(work, row, [dossier]):
        row.order_pk = row.vendor_id = None
        row.unmatched_reason = NOT_CREDITED


def _tell(payment: PartnerPayment) -> dict[str, object]:
    return {"payment_id": payment.id, "cents": payment.cents, "currency": payment.currency}


def _find_booked(session: Session, mandate: Mandate) -> dict[str, tuple[int, Payment]]:
    """The partner's payments of this mandate that were booked, by the partner's id: what was paid, what was booked."""
    told = select(PartnerNews.detail).where(
        PartnerNews.case_id == mandate.case_id, PartnerNews.kind == BOOKED
    )
    own = [detail for detail in session.scalars(told) if detail["mandate_id"] == mandate.mandate_id]
    paid = {f"{PARTNER_SOURCE}:{detail['payment_id']}": detail["cents"] for detail in own}
    rows = session.scalars(select(Payment).where(Payment.identity.in_(paid)))
    return {row.transaction_id or "": (paid[row.identity], row) for row in rows}


def _count_booked(dossier: Dossier, payment_id: int) -> int:
    """Cents of the payment that still stand in the ledger."""
    kinds = ("payment", "chargeback", "reversal")
    return -sum(e.cents for e in dossier.entries if e.payment_id == payment_id and e.kind in kinds)


def _list_told(session: Session, dossier: Dossier, mandate: Mandate) -> tuple[PaymentMade, ...]:
    """The payments that went along with the claim."""
    query = select(Effect.payload).where(
        Effect.receivable_id == dossier.receivable.id,
        Effect.kind == HANDOVER,
        Effect.evidence["claim_id"].as_string() == mandate.claim_id,
    )
    payload = session.scalar(query.limit(1))
    return thaw_handover(payload["handover"]).payments if payload and "handover" in payload else ()
