"""The reminder to a vendor that a hold ends soon: by mail, some days before, once per hold."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning import effects
from dunning.actions.letters.send_step import Prepared
from dunning.actions.people.people import choose_language
from dunning.desk import Desk
from dunning.errand import Errand, Outgoing
from dunning.links import VENDOR_LINKS
from dunning.records.cases import Case
from dunning.records.database import db
from dunning.records.effects import Effect
from dunning.records.orders import Order, Receivable
from dunning.records.partner import Hold
from dunning.records.people import Vendor
from dunning.rules.letters.mails import HOLD_REMINDER, HoldReminder
from dunning.rules.partner.hold import is_held, is_reminded
from dunning.work import begin_work


def put_hold_notices(desk: Desk) -> None:
    """One mail per hold from its notice day on, made up for after an outage as long as the hold runs."""
    limits = desk.policy.limits
    notice = dt.timedelta(limits.hold_notice_days)
    query = (
        select(Hold.id, Hold.started_on, Hold.until)
        .join(Case, Case.id == Hold.case_id)
        .where(Hold.until.between(desk.today, desk.today + notice), Case.hold_until == Hold.until)
        .order_by(Hold.id)
    )
    for hold_id, started_on, until in db.session.execute(query).all():
        if is_reminded(started_on, until, desk.today, limits.hold_notice_days):
            _put_notice(hold_id, desk)


def _put_notice(hold_id: int, desk: Desk) -> None:
    key = f"{HOLD_REMINDER}:{hold_id}"
    with begin_work(desk) as work:
        if work.session.scalar(select(Effect.id).where(Effect.dedupe_key == key)):
            return
        effects.put(
            work,
            Outgoing(
                kind=HOLD_REMINDER,
                vendor_id=work.session.get_one(Hold, hold_id).vendor_id,
                payload={"hold_id": hold_id},
                dedupe_key=key,
            ),
        )


def prepare_hold_reminder(errand: Errand, desk: Desk, public_url: str) -> Prepared | None:
    """The hold as it stands; None, and superseded, when it has ended or its vendor is not active any more."""
    with begin_work(desk) as work:
        hold = work.session.get_one(Hold, errand.payload["hold_id"])
        vendor = work.session.get_one(Vendor, hold.vendor_id)
        present = hold.case.hold_until == hold.until and is_held(hold.until, desk.today)
        if not present or not vendor.active:
            effects.supersede(work.session, errand, desk.now, "hold_over")
            return None
        content = HoldReminder(
            language=choose_language(work.session, vendor),
            vendor_name=vendor.name,
            partner_name=desk.policy.partner.name,
            order_id=_find_order(work.session, hold.case),
            until=hold.until,
            most_days=desk.policy.limits.hold_days,
            case_url=public_url + VENDOR_LINKS.case(hold.case_id),
        )
        return Prepared(content, vendor.email, version=0)


def _find_order(session: Session, case: Case) -> str:
    query = select(Order.order_id).join(Receivable).where(Receivable.id == case.receivable_id)
    return session.scalars(query).one()
