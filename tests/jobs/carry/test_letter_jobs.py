"""What the letters of a day say, with many buyers and orders in the same database."""

import email
import email.policy
import json

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from dunning.records import db
from dunning.records.cases import Case, Letter
from dunning.records.orders import Order, Receivable
from tests.builders import a_receivable, a_vendor, after, play_until

pytestmark = pytest.mark.usefixtures("quick_press")


def test_a_letter_and_its_mail_name_no_other_order_not_even_the_same_buyers(each_app: Flask) -> None:
    vendor_id = a_vendor()
    for order_id in ("M6B5zL7i", "K9tRw2Qx"):
        a_receivable(vendor_id, order_id=order_id, buyer_id="anna")
    a_receivable(a_vendor(), order_id="Zz0Yy1Xx", buyer_id="anna")
    play_until(after(10))
    letters = db.session.execute(
        select(Letter, Order.order_id)
        .join(Case, Case.id == Letter.case_id)
        .join(Receivable, Receivable.id == Case.receivable_id)
        .join(Order, Order.id == Receivable.order_pk)
    ).all()
    everybody = {order_id for _, order_id in letters}
    assert everybody == {"M6B5zL7i", "K9tRw2Qx", "Zz0Yy1Xx"}
    for letter, order_id in letters:
        assert find_in(everybody, json.dumps(letter.content)) == {order_id}
    covers = [text for text in read_mails() if "Mahnung" in text]
    assert sorted(next(iter(find_in(everybody, text))) for text in covers) == sorted(everybody)
    assert all(len(find_in(everybody, text)) == 1 for text in covers)


@pytest.mark.parametrize(
    ("method", "by_itself"),
    [("invoice", False), ("sofort", False), ("sepa", True), ("credit_card", True), ("paypal", True)],
)
def test_an_instalment_collected_by_itself_is_announced_without_asking_for_a_transfer(
    app: Flask, method: str, by_itself: bool
) -> None:
    """Who has a card on file and transfers as well has paid twice."""
    a_receivable(payment_method=method, payment_plan="breakdown_payment", rates=2)
    play_until(after(-5))
    mail = next((app.config["SETTINGS"].home / "mail").glob("*.eml"))
    text = (
        email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
        .get_body(("plain",))
        .get_content()
    )
    assert ("Sie müssen nichts tun" in text, "IBAN" in text) == (by_itself, not by_itself)


def find_in(order_ids: set[str], text: str) -> set[str]:
    return {order_id for order_id in order_ids if order_id in text}


def read_mails() -> list[str]:
    """Subject, texts and names of attachments of every mail that went out with a letter."""
    folder = current_app.config["SETTINGS"].home / "mail"
    mails = [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in folder.glob("*.eml")
    ]
    return [
        "\n".join(
            [
                str(mail["subject"]),
                mail.get_body(("plain",)).get_content(),
                mail.get_body(("html",)).get_content(),
                *(str(part.get_filename()) for part in mail.iter_attachments()),
            ]
        )
        for mail in mails
        if list(mail.iter_attachments())
    ]
