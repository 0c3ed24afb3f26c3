"""Support books money it knows of: seen on an account without a file, or paid in cash."""

import datetime as dt
import secrets

from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.history import note_event
from dunning.actions.dossier.refusals import ReasonMissing
from dunning.actions.money.assign_payment import check_staff
from dunning.actions.money.book_payments import book_on
from dunning.desk import Desk
from dunning.records.orders import Payment
from dunning.work import Actor, begin_work

SOURCE = "support"


def book_by_hand(
    case_id: int, cents: int, value_date: dt.date, reason: str, actor: Actor, desk: Desk
) -> None:
    """Books a payment on the case's receivable, once per form; what it covers follows at once.

    Raises ValueError unless cents > 0, ReasonMissing, NotFound, and Refused for vendors.
    """
    check_staff(actor, "book_payment")
    if cents <= 0:
        raise ValueError("a payment is more than nothing")
    if not reason.strip():
        raise ReasonMissing("reason")
    with begin_work(desk, actor) as work:
        dossier, case = open_case_dossier(work.session, case_id, None)
        payment = Payment(
            vendor_id=dossier.order.vendor_id,
            order_pk=dossier.order.id,
            identity=f"{SOURCE}:{actor.form_key or secrets.token_urlsafe(16)}",
            source=SOURCE,
            order_id_given=dossier.order.order_id,
            rate_given=dossier.receivable.rate_number,
            amount_cents=cents,
            currency=dossier.order.currency,
            value_date=value_date,
            recorded_at=desk.now,
        )
        work.session.add(payment)
        work.session.flush()
        day = value_date.isoformat()
        note_event(work, case, "book_payment", reason=reason.strip(), cents=cents, value_date=day)
        book_on(work, payment, [(dossier, cents)])
