"""What the partner may say of a case's mandate: `mandate_news(case_id, processing_state="paused")`."""

import datetime as dt
from typing import Any

from dunning.actions.at_partner.take_news import take_mandate
from dunning.records import db
from dunning.records.partner import Mandate, PartnerNews
from dunning.rules.partner.news import MandateNews, PartnerPayment
from tests.builders import a_desk, a_receivable, a_vendor, after, find_case, play, read_case

# after anything the sandbox has said by its own clock: an older answer would be left aside
AT = dt.datetime(2099, 2, 20, 8, 0, tzinfo=dt.UTC)


TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}


def cases_at_partner(number: int = 1, *, vendor: dict[str, Any] | None = None, **order: Any) -> list[int]:
    """Cases that went to the partner on the day after their due date, as their payments were withdrawn."""
    vendor_id = a_vendor(**{"auto_chargebacks": True} | (vendor or {}))
    receivables = [a_receivable(vendor_id, **TAKEN_BACK | order) for _ in range(number)]
    play(after(1))
    return [find_case(receivable_id) for receivable_id in receivables]


def mandate_news(case_id: int, *, minute: int = 0, **changes: Any) -> MandateNews:
    """The mandate of a case as the partner has it, unpaid and in progress; `minute` says how new it is."""
    case = read_case(case_id)
    updated = AT + dt.timedelta(minutes=minute)
    plain: dict[str, Any] = {
        "mandate_id": case.mandate_id,
        "claim_ids": (case.claim_id,),
        "reference_number": "SB-000001",
        "legal_stage": "extrajudicial",
        "processing_state": "in_progress",
        "payment_state": "unpaid",
        "principal": 100_00,
        "interest": 27,
        "costs": 60_00,
        "balance": 160_27,
        "payments": (),
        "updated": updated,
        "answer": {"updated": updated.isoformat()},
    }
    return MandateNews(**plain | changes)


def hear(case_id: int, *, on: dt.date | None = None, **changes: Any) -> bool:
    """The news are taken over on a day, 40 days after the due date unless said otherwise."""
    return take_mandate(mandate_news(case_id, **changes), a_desk(on or after(40)))


def a_partner_payment(
    number: int = 1, cents: int = 50_00, on: dt.date | None = None, **changes: Any
) -> PartnerPayment:
    """A payment the partner received."""
    return PartnerPayment(f"P{number}", cents, on or after(39), **changes)


def find_mandate(case_id: int) -> Mandate:
    """The case's mandate as it stands now."""
    db.session.rollback()
    return db.session.query(Mandate).filter_by(case_id=case_id).one()


def list_news(case_id: int) -> list[tuple[str, str]]:
    """(kind, the value or the title) of the case's news, oldest first."""
    db.session.rollback()
    rows = db.session.query(PartnerNews).filter_by(case_id=case_id).order_by(PartnerNews.id)
    return [(row.kind, row.title or str(row.detail.get("value", row.detail.get("cents")))) for row in rows]
