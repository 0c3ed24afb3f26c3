"""Two of support who press the same button, and two claims of a vendor accepted at once: once is enough."""

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.people.portal import invite_vendor, send_reset
from dunning.actions.to_partner.answer_question import AlreadyAnswered, answer_question
from dunning.records import db
from dunning.records.effects import Effect
from dunning.work import Actor, begin_work
from tests.actions.at_partner.partner_says import cases_at_partner
from tests.actions.to_partner.partner_asks import answers_at_partner, ask
from tests.builders import a_desk, a_user, a_vendor, after, empty_queue
from tests.faults.racing import together

pytestmark = pytest.mark.usefixtures("quick_press")


def count_effects(kind: str) -> int:
    db.session.rollback()
    return len(db.session.scalars(select(Effect.id).where(Effect.kind == kind)).all())


def test_two_claims_accepted_at_once_bring_one_invitation(each_app: Flask) -> None:
    for number in range(1, 6):
        vendor_id = a_vendor()

        def accept(wanted: int = vendor_id) -> None:
            with begin_work(a_desk()) as work:
                invite_vendor(work, wanted, "M6B5zL7i")

        together(each_app, *[accept] * 4)
        assert count_effects("portal_invitation") == number


def test_two_who_send_the_portals_link_at_once_send_one(each_app: Flask) -> None:
    clerks = [Actor("support", a_user("support")) for _ in range(4)]
    for number in range(1, 6):
        vendor_id = a_vendor()
        sent = together(
            each_app,
            *[lambda who=who, wanted=vendor_id: send_reset(wanted, who, a_desk()) for who in clerks],
        )
        assert sorted(sent) == [False, False, False, True]
        assert count_effects("portal_reset") == number


def test_of_two_answers_at_once_the_partner_gets_one(each_app: Flask) -> None:
    case_id = cases_at_partner()[0]
    clerks = [Actor("support", a_user("support")) for _ in range(2)]
    for number in range(5):
        question_id = ask(case_id, title=f"Question {number}")

        def answer(who: Actor, word: str, asked: int = question_id) -> str:
            try:
                answer_question(case_id, asked, "yes-no", {"value": word}, who, a_desk(after(41)))
            except AlreadyAnswered:
                return "too late"
            return word

        said = together(each_app, lambda: answer(clerks[0], "yes"), lambda: answer(clerks[1], "no"))
        assert said.count("too late") == 1
        empty_queue()
        assert answers_at_partner()[number]["value"] in said
    assert count_effects("partner_answer") == 5
