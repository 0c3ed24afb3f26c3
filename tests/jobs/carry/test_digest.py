"""The daily mail to a vendor: when there is one, what it lists, and that it goes out once."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from flask import current_app
from sqlalchemy import select, update

from dunning.actions.case.start import start_case
from dunning.actions.people.digest import put_digests
from dunning.records import db, transaction
from dunning.records.effects import Effect
from tests.builders import (
    a_desk,
    a_receivable,
    a_user,
    a_vendor,
    after,
    an_actor,
    an_order_row,
    empty_queue,
    find_case,
    find_receivable,
    import_rows,
    play,
    play_until,
    read_case,
)

pytestmark = [pytest.mark.usefixtures("quick_press"), pytest.mark.usefixtures("each_app")]
LIMITED = {"handover_threshold": 1_000_00}


def digests() -> list[Effect]:
    db.session.rollback()
    query = select(Effect).where(Effect.kind == "handover_digest").order_by(Effect.id)
    return list(db.session.scalars(query))


def read_mail(effect: Effect) -> EmailMessage:
    """The mail of an effect as it was written."""
    file = current_app.config["SETTINGS"].home / "mail" / f"{effect.reference}.eml"
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def ready_day(case_id: int):
    """The day the case became ready."""
    play_until(after(40))
    assert read_case(case_id).status == "ready_for_handover"
    return digests()[0].on_date


def test_a_vendor_is_told_once_which_cases_have_become_ready() -> None:
    vendor_id = a_vendor(**LIMITED)
    rows = [an_order_row(vendor_id, last_name=name) for name in ("Eins", "Zwei")]
    import_rows(*rows)
    play_until(after(40))
    assert read_case(find_case(find_receivable(rows[0].order_id))).status == "ready_for_handover"
    (digest,) = digests()
    assert (digest.state, digest.vendor_id, digest.receivable_id) == ("done", vendor_id, None)
    assert digest.dedupe_key == f"digest:{vendor_id}:{digest.on_date}"
    mail = read_mail(digest)
    text = mail.get_body(("plain",)).get_content()
    assert mail["To"] == f"v{vendor_id}@example.com"
    assert mail["Subject"].startswith("2 Fälle warten")
    assert all(row.order_id in text for row in rows)
    assert f"{current_app.config['SETTINGS'].public_url}/cases?status=ready_for_handover" in text
    assert "Eins" not in text


def test_days_without_news_bring_no_mail() -> None:
    case_id = find_case_of(a_vendor(**LIMITED))
    on = ready_day(case_id)
    play(*(after(day) for day in range(41, 44)))
    assert [digest.on_date for digest in digests()] == [on]


def test_a_case_that_becomes_ready_later_brings_another_mail_that_lists_both() -> None:
    vendor_id = a_vendor(**LIMITED)
    rows = [an_order_row(vendor_id), an_order_row(vendor_id, order_date=after(3))]
    import_rows(*rows, on=after(3))
    play_until(after(50))
    first, second = digests()
    assert first.on_date < second.on_date
    assert [row.order_id in read_mail(first).get_body(("plain",)).get_content() for row in rows] == [
        True,
        False,
    ]
    assert all(row.order_id in read_mail(second).get_body(("plain",)).get_content() for row in rows)


def test_of_mails_that_waited_only_the_last_is_sent_for_it_says_all() -> None:
    vendor_id = a_vendor(**LIMITED)
    import_rows(an_order_row(vendor_id), an_order_row(vendor_id, order_date=after(3)), on=after(3))
    play_until(after(50))
    with transaction() as session:
        waiting = {"state": "retry_wait", "phase": "mail_away", "evidence": {}}
        session.execute(update(Effect).where(Effect.kind == "handover_digest").values(waiting))
    empty_queue()
    assert [digest.state for digest in digests()] == ["superseded", "done"]


def test_putting_twice_a_day_puts_once() -> None:
    on = ready_day(find_case_of(a_vendor(**LIMITED)))
    put_digests(a_desk(on))
    assert len(digests()) == 1


def test_started_before_it_goes_out_nothing_is_left_to_say() -> None:
    case_id = find_case_of(a_vendor(**LIMITED))
    on = ready_day(case_id)
    with_effect = digests()[0]
    start_case(case_id, an_actor(case_id), a_desk(after(41)))
    db.session.rollback()
    with transaction() as session:
        effect = session.get_one(Effect, with_effect.id)
        effect.state, effect.phase, effect.not_before = "due", None, a_desk(on).now
    empty_queue()
    assert digests()[0].state == "superseded"


def test_the_mail_is_in_the_language_of_whoever_has_the_address() -> None:
    vendor_id = a_vendor(**LIMITED)
    a_user(vendor_id=vendor_id, email=f"v{vendor_id}@example.com", language="en")
    ready_day(find_case_of(vendor_id))
    assert read_mail(digests()[0])["Subject"].startswith("1 case is waiting")


def test_who_hands_over_by_itself_gets_no_mail() -> None:
    a_receivable(a_vendor())
    play_until(after(40))
    assert digests() == []


def find_case_of(vendor_id: int) -> int:
    """A case of one order, opened."""
    receivable_id = a_receivable(vendor_id)
    play_until(after(10))
    return find_case(receivable_id)
