"""What people, banks and the partner do in the demonstration, each by the product's own verb."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select, update

from dunning.actions.at_partner.end_mandate import end_mandate
from dunning.actions.case.add_note import add_note
from dunning.actions.case.block import block_case
from dunning.actions.case.buyer_says import record_dispute, record_promise
from dunning.actions.case.cancel import cancel_case
from dunning.actions.case.start import start_case
from dunning.actions.dossier.dossier import find_order_dossiers
from dunning.actions.money.book_payments import take_payments
from dunning.actions.orders.import_orders import take_orders
from dunning.actions.to_partner.cancellation import request_cancellation
from dunning.actions.to_partner.hold_case import hold_case
from dunning.demo.orders import Deed
from dunning.demo.people import find_actor
from dunning.desk import Desk
from dunning.outside.bank.entry import BankEntry
from dunning.outside.platform.order_csv import OrderRow
from dunning.outside.platform.payment_csv import PaymentRow
from dunning.records.cases import Case
from dunning.records.database import db, transaction
from dunning.records.orders import Receivable
from dunning.records.partner import Mandate
from dunning.rules.incoming import name_transaction
from dunning.sandbox.tables import SandboxMandate

PROMISE_DAYS, BLOCK_DAYS, HOLD_DAYS = 10, 21, 30


def find_receivable(row: OrderRow) -> Receivable:
    """The receivable a row became."""
    return find_order_dossiers(db.session(), row.order_id, None)[row.rate_number - 1].receivable


def find_case(row: OrderRow) -> int:
    """The id of its case."""
    return db.session.scalars(select(Case.id).where(Case.receivable_id == find_receivable(row).id)).one()


def pay(row: OrderRow, desk: Desk) -> None:
    """The buyer pays what the row asks for."""
    pay_cents(row, row.amount_cents, desk)


def pay_part(row: OrderRow, desk: Desk) -> None:
    """The buyer pays a third."""
    pay_cents(row, row.amount_cents // 3, desk)


def pay_twice(row: OrderRow, desk: Desk) -> None:
    """The buyer pays, forgets it, and pays again."""
    for nth in (1, 2):
        pay_cents(row, row.amount_cents, desk, nth)


def transfer_unnamed(row: OrderRow, desk: Desk) -> None:
    """The buyer pays by a transfer that names no order: support decides what it is for."""
    entry = BankEntry(
        amount_cents=row.amount_cents,
        moved_cents=row.amount_cents,
        currency=row.currency,
        value_date=desk.today,
        booked_on=desk.today,
        identity=f"demo-bank-{row.order_id}",
        reference=f"Rechnung vom {row.order_date:%d.%m.%Y}",
        payer_name=f"{row.first_name} {row.last_name}",
    )
    take_payments([entry], desk, source="camt")


def pay_cents(row: OrderRow, cents: int, desk: Desk, nth: int = 1) -> None:
    """One bank transfer, known on the day of its value date."""
    number = f"demo-{row.order_id}-{desk.today}-{nth}"
    payment = PaymentRow(
        row=1,
        order_id=row.order_id,
        rate_number=None,
        amount_cents=cents,
        currency=row.currency,
        value_date=desk.today,
        transaction_id=number,
        reference=f"{row.product_name} {row.order_id}",
        identity=name_transaction(number, row.order_id, cents),
    )
    take_payments([payment], desk, source="csv")


def charge_back(row: OrderRow, desk: Desk) -> None:
    """The bank takes a debit back; the platform reports it with the next file."""
    take_orders([replace(row, payment_status="charged_back")], desk)


def start(row: OrderRow, desk: Desk) -> None:
    """The vendor presses Start."""
    start_case(find_case(row), find_actor("vendor", row.vendor_id), desk)


def cancel(row: OrderRow, desk: Desk) -> None:
    """The vendor presses Cancel."""
    cancel_case(find_case(row), find_actor("vendor", row.vendor_id), desk)


def request_end(row: OrderRow, desk: Desk) -> None:
    """The vendor wants a claim back from the partner."""
    text = "Käufer hat neu bestellt, die alte Bestellung ist damit erledigt."
    request_cancellation(find_case(row), text, find_actor("vendor", row.vendor_id), desk)


def hold(row: OrderRow, desk: Desk) -> None:
    """The vendor lets the partner pause."""
    hold_case(find_case(row), HOLD_DAYS, find_actor("vendor", row.vendor_id), desk)


def note(row: OrderRow, desk: Desk) -> None:
    """Support writes something down."""
    text = "Käufer angerufen, bittet um Rückruf am Nachmittag."
    add_note(find_case(row), text, find_actor("support"), desk)


def dispute(row: OrderRow, desk: Desk) -> None:
    """The buyer contests the claim on the phone."""
    text = "Käufer sagt, die Ware sei nicht angekommen."
    record_dispute(find_receivable(row).id, text, find_actor("support"), desk)


def promise(row: OrderRow, desk: Desk) -> None:
    """The buyer promises to pay."""
    until = desk.today + dt.timedelta(days=PROMISE_DAYS)
    record_promise(find_receivable(row).id, until, row.amount_cents, find_actor("support"), desk)


def block(row: OrderRow, desk: Desk) -> None:
    """Support is not sure about something."""
    until = desk.today + dt.timedelta(days=BLOCK_DAYS)
    text = "Schreiben vom Amtsgericht erwartet."
    block_case(find_case(row), "unsure", find_actor("support"), desk, until=until, note=text)


def end_without_success(row: OrderRow, desk: Desk) -> None:
    """The partner gives up."""
    reason = "Schuldner ohne pfändbares Einkommen"
    end_mandate(find_case(row), desk, terminated=False, reason=reason)
    close_mandate(row, "ended", desk)


def terminate_mandate(row: OrderRow, desk: Desk) -> None:
    """The partner ends the mandate on its side."""
    end_mandate(find_case(row), desk, terminated=True, reason="Schuldner unbekannt verzogen")
    close_mandate(row, "canceled_by_service_provider", desk)


def close_mandate(row: OrderRow, state: str, desk: Desk) -> None:
    """What the partner has ended is over at the sandbox too, and known to be: no poll finds it still in progress."""
    states = {"processing_state": state, "legal_stage": "ended"}
    case_id = find_case(row)
    with transaction() as session:
        case = session.get_one(Case, case_id)
        ours, theirs = Mandate.mandate_id == case.mandate_id, SandboxMandate.id == case.mandate_id
        session.execute(update(Mandate).where(ours).values(ended_on=desk.today, **states))
        session.execute(update(SandboxMandate).where(theirs).values(**states))


DEEDS: dict[str, Callable[[OrderRow, Desk], None]] = {
    "pay": pay,
    "pay_part": pay_part,
    "pay_twice": pay_twice,
    "transfer_unnamed": transfer_unnamed,
    "charge_back": charge_back,
    "start": start,
    "cancel": cancel,
    "request_end": request_end,
    "hold": hold,
    "note": note,
    "dispute": dispute,
    "promise": promise,
    "block": block,
    "end_mandate": end_without_success,
    "terminate_mandate": terminate_mandate,
}


def do_deed(deed: Deed, desk: Desk) -> None:
    """Carries a deed out."""
    DEEDS[deed.verb](deed.row, desk)
