"""What a person decides about money nobody could place: it belongs to this order, or it is another payment again."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dunning.actions.dossier.dossier import Dossier, open_dossiers
from dunning.actions.dossier.history import note_receivable
from dunning.actions.dossier.refusals import AlreadyAssigned, CannotAssign, NotFound
from dunning.actions.money.book_payments import book_on, book_return, split_payment
from dunning.actions.money.match_payments import find_matches, name_payment
from dunning.actions.money.reported_twice import find_twins
from dunning.desk import Desk
from dunning.records.orders import Order, Payment, Receivable
from dunning.rules.money.matching import (
    DUPLICATE,
    NO_AMOUNT,
    NOT_BOOKED,
    NOT_CREDITED,
    ORDER_UNKNOWN,
    OTHER_CURRENCY,
    POSSIBLY_SAME,
    SEVERAL_ORDERS,
    UNKNOWN_RATE,
    UNREADABLE,
)
from dunning.rules.money.reference import fold_order_id
from dunning.rules.statuses import VENDOR, Refused
from dunning.rules.terms import Verb
from dunning.work import Actor, Work, begin_work

# nothing is left to decide, or nothing is there yet
DECIDED = (DUPLICATE, NOT_BOOKED, NO_AMOUNT)


def assign_payment(payment_id: int, order_id: str, rate: int | None, actor: Actor, desk: Desk) -> None:
    """Books an unmatched payment on an order, or on one rate of it; case and dashes of the order ID do not matter.

    Raises CannotAssign, AlreadyAssigned, NotFound, and Refused for vendors.
    """
    check_staff(actor, "assign_payment")
    with begin_work(desk, actor) as work:
        payment = claim_payment(work.session, payment_id)
        order = find_order(work.session, order_id)
        if order.currency != payment.currency:
            raise CannotAssign(OTHER_CURRENCY)
        if not payment.amount_cents:
            raise CannotAssign(UNREADABLE)
        dossiers = _open_rates(work.session, order, rate)
        payment.order_pk, payment.vendor_id, payment.unmatched_reason = order.id, order.vendor_id, ""
        if payment.amount_cents > 0:
            book_on(work, payment, split_payment(payment, dossiers, desk))
        elif not book_return(work, payment, dossiers):
            raise CannotAssign(NOT_CREDITED)
        _note_all(work, dossiers, payment, "assign_payment")


def dismiss_payment(payment_id: int, reason: str, actor: Actor, desk: Desk) -> None:
    """It is the payment that was reported before, or none that could be read: it stays on record, never booked.

    Raises AlreadyAssigned for any other payment, NotFound, and Refused for vendors.
    """
    check_staff(actor, "dismiss_payment")
    with begin_work(desk, actor) as work:
        payment = claim_payment(work.session, payment_id)
        if payment.unmatched_reason not in (POSSIBLY_SAME, UNREADABLE):
            raise AlreadyAssigned(payment_id)
        payment.unmatched_reason = DUPLICATE
        target = find_matches(work.session, [name_payment(payment)])[0].target
        twins = find_twins(work.session, payment, target.order_pk) if target else []
        dossiers = open_dossiers(work.session, twins)
        for dossier in dossiers:
            note_receivable(work, dossier, "dismiss_payment", reason=reason.strip(), payment_id=payment.id)


def check_staff(actor: Actor, verb: Verb) -> None:
    """Refused for vendors: whose money it is, support decides."""
    if actor.side == VENDOR:
        raise Refused(None, verb, actor.side)


def claim_payment(session: Session, payment_id: int) -> Payment:
    """The payment, locked; AlreadyAssigned when nobody has to decide about it any more."""
    waits = (Payment.id == payment_id, Payment.order_pk.is_(None), Payment.unmatched_reason.not_in(DECIDED))
    locked = update(Payment).where(*waits).values(order_id_given=Payment.order_id_given)
    found = session.scalar(locked.returning(Payment.id).execution_options(synchronize_session=False))
    if found is None:
        known = session.scalar(select(Payment.id).where(Payment.id == payment_id))
        raise AlreadyAssigned(payment_id) if known else NotFound(payment_id)
    return session.get_one(Payment, payment_id, populate_existing=True)


def find_order(session: Session, order_id: str) -> Order:
    """The order of this ID; else the only one that reads like it. CannotAssign when there is none, or several."""
    typed = order_id.strip()
    if exact := session.scalar(select(Order).where(Order.order_id == typed)):
        return exact
    folded = fold_order_id(typed)
    alike = session.scalars(select(Order).where(Order.order_id_folded == folded)).all() if folded else []
    if len(alike) != 1:
        raise CannotAssign(SEVERAL_ORDERS if alike else ORDER_UNKNOWN)
    return alike[0]


def _open_rates(session: Session, order: Order, rate: int | None) -> list[Dossier]:
    query = select(Receivable.id).where(Receivable.order_pk == order.id).order_by(Receivable.id)
    if rate is not None:
        query = query.where(Receivable.rate_number == rate)
    dossiers = open_dossiers(session, session.scalars(query).all())
    if not dossiers:
        raise CannotAssign(UNKNOWN_RATE)
    return dossiers


def _note_all(work: Work, dossiers: list[Dossier], payment: Payment, verb: Verb) -> None:
    """One line on each receivable the money went to."""
    for dossier in dossiers:
        cents = -sum(entry.cents for entry in dossier.entries if entry.payment_id == payment.id)
        if cents:
            note_receivable(work, dossier, verb, payment_id=payment.id, cents=cents)
