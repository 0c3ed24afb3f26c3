"""The daily mail to a vendor: cases have become ready for handover and wait for Start."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
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
from dunning.records.journal import History
from dunning.records.orders import Order, Receivable
from dunning.records.people import Vendor
from dunning.rules.letters.mails import HANDOVER_DIGEST, HandoverDigest, WaitingCase
from dunning.rules.statuses import READY_FOR_HANDOVER
from dunning.work import begin_work

# what became ready longer ago was told of, or the machine stood still and the vendor sees it on the page
LOOK_BACK = dt.timedelta(days=7)
MOST_LISTED = 20


def put_digests(desk: Desk) -> None:
    """One mail for each vendor and local day, when a case became ready since the last one; nothing otherwise."""
    for vendor_id, newest in find_news(desk.today):
        with begin_work(desk) as work:
            if _is_told(work.session, vendor_id, newest, desk.today):
                continue
            effects.put(
                work,
                Outgoing(
                    kind=HANDOVER_DIGEST,
                    vendor_id=vendor_id,
                    payload={"up_to": newest},
                    dedupe_key=f"digest:{vendor_id}:{desk.today}",
                ),
            )


def find_news(today: dt.date) -> list[tuple[int, int]]:
    """(vendor, newest history row) of the cases that became ready lately and still wait."""
    query = (
        select(History.vendor_id, func.max(History.id))
        .join(Case, Case.id == History.case_id)
        .where(History.to_status == READY_FOR_HANDOVER, History.on_date.between(today - LOOK_BACK, today))
        .where(Case.status == READY_FOR_HANDOVER)
        .group_by(History.vendor_id)
        .order_by(History.vendor_id)
    )
    return [(vendor_id, newest) for vendor_id, newest in db.session.execute(query)]


def _is_told(session: Session, vendor_id: int, newest: int, today: dt.date) -> bool:
    """Whether the vendor's last digest covers the newest change, or was put today."""
    last = session.scalar(
        select(Effect)
        .where(Effect.kind == HANDOVER_DIGEST, Effect.vendor_id == vendor_id)
        .order_by(Effect.id.desc())
        .limit(1)
    )
    return last is not None and (last.payload["up_to"] >= newest or last.on_date >= today)


def prepare_digest(errand: Errand, desk: Desk, public_url: str) -> Prepared | None:
    """The cases that wait at this moment; None, and superseded, when none does any more or a later mail tells."""
    with begin_work(desk) as work:
        effect = work.session.get_one(Effect, errand.id)
        vendor = work.session.get_one(Vendor, effect.vendor_id)
        cases = _list_waiting(work.session, vendor.id)
        if not cases or not vendor.active or _is_overtaken(work.session, effect):
            effects.supersede(work.session, errand, desk.now, "nothing_waits")
            return None
        content = HandoverDigest(
            language=choose_language(work.session, vendor),
            vendor_name=vendor.name,
            partner_name=desk.policy.partner.name,
            cases_url=public_url + VENDOR_LINKS.cases(status=READY_FOR_HANDOVER),
            cases=tuple(cases[:MOST_LISTED]),
            more=max(len(cases) - MOST_LISTED, 0),
            total_cents=sum(case.outstanding_cents for case in cases),
        )
        return Prepared(content, vendor.email, version=0)


def _is_overtaken(session: Session, digest: Effect) -> bool:
    """After an outage several wait, and each would say the same."""
    later = (Effect.kind == HANDOVER_DIGEST, Effect.vendor_id == digest.vendor_id, Effect.id > digest.id)
    found = select(Effect.id).where(*later, Effect.state.not_in(("failed", "superseded"))).limit(1)
    return session.scalar(found) is not None


def _list_waiting(session: Session, vendor_id: int) -> Sequence[WaitingCase]:
    """Whoever waits longest comes first."""
    since = (
        select(func.max(History.on_date))
        .where(History.case_id == Case.id, History.to_status == READY_FOR_HANDOVER)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Order.order_id, since, Case.outstanding_cents)
        .join(Receivable, Receivable.id == Case.receivable_id)
        .join(Order, Order.id == Receivable.order_pk)
        .where(Case.vendor_id == vendor_id, Case.status == READY_FOR_HANDOVER)
        .order_by(since, Case.id)
    )
    return [
        WaitingCase(order_id=order_id, waiting_since=day, outstanding_cents=cents)
        for order_id, day, cents in rows
    ]
