"""The partner's portal: one invitation for each vendor, and the link for a new password on support's click."""

import datetime as dt
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from flask import current_app
from sqlalchemy import select

from dunning.actions.dossier.refusals import NotFound
from dunning.actions.people.portal import send_reset
from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.records.people import Vendor
from dunning.work import Actor
from tests.builders import (
    a_case,
    a_desk,
    a_user,
    a_vendor,
    after,
    an_order_row,
    empty_queue,
    find_case,
    find_receivable,
    import_rows,
    order_of,
    play_until,
    read_case,
)

pytestmark = [pytest.mark.usefixtures("quick_press"), pytest.mark.usefixtures("each_app")]


def mails(kind: str) -> list[Effect]:
    db.session.rollback()
    return list(db.session.scalars(select(Effect).where(Effect.kind == kind).order_by(Effect.id)))


def read_mail(effect: Effect) -> EmailMessage:
    file = current_app.config["SETTINGS"].home / "mail" / f"{effect.reference}.eml"
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def a_clerk() -> Actor:
    return Actor("support", a_user("support"))


def read_vendor(vendor_id: int) -> Vendor:
    db.session.rollback()
    return db.session.get_one(Vendor, vendor_id, populate_existing=True)


def test_the_first_accepted_case_brings_the_portals_address() -> None:
    case_id = a_case("handed_over")
    case = read_case(case_id)
    (invitation,) = mails("portal_invitation")
    assert (invitation.state, invitation.vendor_id, invitation.receivable_id) == (
        "done",
        case.vendor_id,
        None,
    )
    mail = read_mail(invitation)
    text = mail.get_body(("plain",)).get_content()
    assert mail["To"] == read_vendor(case.vendor_id).email
    assert mail["Subject"].strip().startswith("Ihr erster Fall ist beim Inkasso")
    assert current_app.config["SETTINGS"].policy.partner.portal_url in text
    assert order_of(case_id).order_id in text
    assert read_vendor(case.vendor_id).portal_invited_at is not None


def test_two_cases_of_a_day_and_one_of_a_later_day_bring_one_mail() -> None:
    vendor_id = a_vendor()
    rows = [an_order_row(vendor_id), an_order_row(vendor_id), an_order_row(vendor_id, order_date=after(3))]
    import_rows(*rows, on=after(3))
    play_until(after(41))
    found = [read_case(find_case(find_receivable(row.order_id))).status for row in rows]
    assert found == ["handed_over"] * 3
    assert len(mails("portal_invitation")) == 1


def test_every_vendor_gets_an_invitation_in_the_language_it_chose() -> None:
    german, english = a_vendor(), a_vendor()
    a_user(vendor_id=english, email=f"v{english}@example.com", language="en")
    import_rows(an_order_row(german), an_order_row(english))
    play_until(after(36))
    subjects = {mail.vendor_id: read_mail(mail)["Subject"].strip() for mail in mails("portal_invitation")}
    assert subjects[german].startswith("Ihr erster Fall")
    assert subjects[english].startswith("Your first case")


@pytest.mark.parametrize("status", ["rejected", "in_review", "ready_for_handover"])
def test_as_long_as_no_claim_is_accepted_nobody_is_invited(status: str) -> None:
    case_id = a_case(status)
    assert mails("portal_invitation") == []
    assert read_vendor(read_case(case_id).vendor_id).portal_invited_at is None


def test_a_vendor_that_has_left_gets_no_mail() -> None:
    vendor_id = a_vendor()
    with transaction() as session:
        session.get_one(Vendor, vendor_id).active = False
    assert send_reset(vendor_id, a_clerk(), a_desk())
    empty_queue()
    assert [mail.state for mail in mails("portal_reset")] == ["superseded"]


def test_the_link_for_a_new_password_goes_to_the_vendor_and_into_the_history() -> None:
    vendor_id, clerk = a_vendor(), a_clerk()
    assert send_reset(vendor_id, clerk, a_desk())
    empty_queue()
    (reset,) = mails("portal_reset")
    mail = read_mail(reset)
    assert mail["To"] == f"v{vendor_id}@example.com"
    address = current_app.config["SETTINGS"].policy.partner.portal_reset_url
    assert address in mail.get_body(("plain",)).get_content()
    (row,) = db.session.scalars(select(History).where(History.vendor_id == vendor_id))
    assert (row.verb, row.user_id, row.case_id) == ("portal_reset", clerk.user_id, None)


def test_within_a_minute_the_link_goes_out_once_and_later_again() -> None:
    vendor_id, clerk, desk = a_vendor(), a_clerk(), a_desk()
    sent = []
    for seconds in (0, 1, 59, 60, 61):
        then = desk.now + dt.timedelta(seconds=seconds)
        sent.append(send_reset(vendor_id, clerk, a_desk(desk.today, now=then)))
    assert sent == [True, False, False, True, False]
    assert len(mails("portal_reset")) == 2


def test_nobody_can_be_sent_a_link_who_is_no_vendor() -> None:
    with pytest.raises(NotFound):
        send_reset(1, a_clerk(), a_desk())
