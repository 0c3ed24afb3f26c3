"""Letters on paper: a buyer without e-mail waits for the post, and a letter that came back makes the address red."""

import datetime as dt

import pytest
from flask import Flask

from dunning.actions.case.correct_address import Address, correct_address
from dunning.actions.dossier.refusals import NotFound, WrongDay
from dunning.actions.letters.post_letters import mark_posted, mark_undeliverable
from dunning.records import db, transaction
from dunning.records.cases import Letter, Step
from dunning.records.effects import Effect
from dunning.rules.course.eligibility import check
from dunning.work import Actor
from tests.builders import (
    a_case,
    a_desk,
    a_user,
    a_vendor,
    after,
    an_actor,
    an_order_row,
    empty_queue,
    find_case,
    find_effect,
    find_receivable,
    import_rows,
    ledger_of,
    play_until,
    read_case,
    read_case_dossier,
    read_history,
)

pytestmark = pytest.mark.usefixtures("quick_press")


def a_clerk() -> Actor:
    """Somebody of the staff."""
    return Actor("support", a_user("support"))


def letters_of(case_id: int) -> list[Letter]:
    db.session.rollback()
    query = db.select(Letter).where(Letter.case_id == case_id).order_by(Letter.number)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def newest_of(case_id: int) -> Letter:
    return letters_of(case_id)[-1]


def step_of(letter: Letter) -> Step:
    db.session.rollback()
    return db.session.get_one(Step, letter.step_id, populate_existing=True)


def put_in_post(letter: Letter, day: int) -> int:
    """Support notes that the letter was handed in on that day after the due date."""
    return mark_posted([letter.id], after(day), a_clerk(), a_desk(after(day)))


def red_points(case_id: int, day: int) -> list[str]:
    file = read_case_dossier(case_id)
    found = check(file.read_facts(), a_desk().policy, after(day))
    return [point.key for point in found.red(("street", "zipcode"))]


def new_address(**changes: str) -> Address:
    known = {"street": "Am Beispielbach", "house_number": "4", "details": ""}
    known |= {"zipcode": "80804", "city": "München", "country": "DE"}
    return Address(**known | changes)


def test_without_an_address_for_mail_a_letter_is_done_on_the_day_it_is_posted(each_app: Flask) -> None:
    case_id = a_case(email="")
    first = newest_of(case_id)
    assert (first.on_date, first.mailed_at, step_of(first).state) == (after(10), None, "planned")
    assert put_in_post(first, 11) == 1
    step = step_of(first)
    assert (step.state, step.done_on, step.deadline) == ("done", after(11), first.deadline)
    play_until(after(20))
    assert len(letters_of(case_id)) == 1  # ten days after the post, not after the letter's date
    play_until(after(21))
    assert newest_of(case_id).kind == "second_letter"
    assert put_in_post(newest_of(case_id), 21) == 1
    assert ("fee", 100, after(21)) in ledger_of(read_case(case_id).receivable_id)
    play_until(after(40))
    assert read_case(case_id).status == "handed_over"


def test_the_second_letter_names_the_day_the_first_one_bears_not_the_day_it_was_posted(app: Flask) -> None:
    case_id = a_case(email="")
    put_in_post(newest_of(case_id), 12)
    play_until(after(22))
    second = newest_of(case_id)
    assert (second.kind, second.content["reminded_on"]) == ("second_letter", after(10).isoformat())


def test_posted_twice_is_posted_once(each_app: Flask) -> None:
    case_id = a_case(email="")
    assert put_in_post(newest_of(case_id), 11) == 1
    assert put_in_post(newest_of(case_id), 12) == 0
    assert newest_of(case_id).posted_on == after(11)
    assert [h.verb for h in read_history(case_id)].count("letter_posted") == 1


def test_a_letter_accepted_by_mail_stays_done_on_the_day_of_its_mail(each_app: Flask) -> None:
    case_id = a_case()
    play_until(after(12))
    letter = newest_of(case_id)
    put_in_post(letter, 12)
    assert (step_of(letter).done_on, newest_of(case_id).posted_on) == (after(10), after(12))


def test_the_call_that_follows_a_letter_is_made_when_the_posting_is_noted_late(each_app: Flask) -> None:
    case_id = a_case(email="")
    mark_posted([newest_of(case_id).id], after(10), a_clerk(), a_desk(after(12)))
    calls = [s for s in read_case_dossier(case_id).steps if s.kind == "first_call"]
    assert [(s.state, s.due_on) for s in calls] == [("planned", after(11))]


@pytest.mark.parametrize("day", [9, 13])
def test_a_letter_is_not_posted_before_its_day_nor_in_the_future(each_app: Flask, day: int) -> None:
    letter = newest_of(a_case(email=""))
    for verb in (
        lambda: mark_posted([letter.id], after(day), a_clerk(), a_desk(after(12))),
        lambda: mark_undeliverable(letter.id, after(day), a_clerk(), a_desk(after(12))),
    ):
        with pytest.raises(WrongDay):
            verb()
    assert step_of(letter).state == "planned"


def test_an_unknown_letter_is_not_found(each_app: Flask) -> None:
    with pytest.raises(NotFound):
        mark_posted([4711], after(10), a_clerk(), a_desk(after(10)))
    with pytest.raises(NotFound):
        mark_undeliverable(4711, after(10), a_clerk(), a_desk(after(10)))


def test_a_letter_whose_mail_hangs_is_not_mailed_any_more_once_it_is_posted(each_app: Flask) -> None:
    case_id = a_case()
    letter = newest_of(case_id)
    with transaction() as session:  # as a mail server leaves it that breaks off after the body
        session.get_one(Letter, letter.id).mailed_at = None
        session.get_one(Effect, letter.effect_id).state = "in_doubt"
        session.get_one(Step, letter.step_id).state = "in_doubt"
    put_in_post(letter, 11)
    assert step_of(letter).done_on == after(11)
    assert (find_effect("first_letter").state, find_effect("first_letter").last_error) == (
        "superseded",
        "posted",
    )


def test_a_letter_that_came_back_makes_the_address_red_until_it_is_corrected(each_app: Flask) -> None:
    case_id = a_case()
    put_in_post(newest_of(case_id), 10)
    mark_undeliverable(newest_of(case_id).id, after(14), a_clerk(), a_desk(after(14)))
    assert newest_of(case_id).undeliverable_on == after(14)
    assert red_points(case_id, 14) == ["street", "zipcode"]
    play_until(after(23))
    assert len(letters_of(case_id)) == 1  # the second letter waits
    support = an_actor(case_id, "support")
    correct_address(case_id, new_address(), support, a_desk(after(23)))
    assert red_points(case_id, 23) == ["street", "zipcode"]  # the same one again helps nobody
    correct_address(case_id, new_address(house_number="5"), support, a_desk(after(23)))
    assert red_points(case_id, 23) == []
    empty_queue()
    assert newest_of(case_id).kind == "second_letter"


def test_a_letter_that_came_back_from_an_earlier_address_says_nothing_of_the_present_one(
    each_app: Flask,
) -> None:
    case_id = a_case()
    support = an_actor(case_id, "support")
    correct_address(case_id, new_address(street="Beispielweg"), support, a_desk(after(11)))
    mark_undeliverable(newest_of(case_id).id, after(14), support, a_desk(after(14)))
    assert newest_of(case_id).undeliverable_on == after(14)
    assert red_points(case_id, 14) == []


def test_another_imported_address_is_green_again(each_app: Flask) -> None:
    row = an_order_row(a_vendor())
    import_rows(row)
    play_until(after(10))
    case_id = find_case(find_receivable(row.order_id))
    mark_undeliverable(newest_of(case_id).id, after(14), a_clerk(), a_desk(after(14)))
    import_rows(row, on=after(15))
    assert red_points(case_id, 15) == ["street", "zipcode"]
    import_rows(an_order_row(row.vendor_id, order_id=row.order_id, street="Beispielweg"), on=after(15))
    assert red_points(case_id, 15) == []


def test_days_of_the_history_are_those_of_the_post(each_app: Flask) -> None:
    case_id = a_case()
    put_in_post(newest_of(case_id), 10)
    mark_undeliverable(newest_of(case_id).id, after(14), a_clerk(), a_desk(after(15)))
    mark_undeliverable(newest_of(case_id).id, after(15), a_clerk(), a_desk(after(15)))
    told = [
        (h.verb, dt.date.fromisoformat(h.detail["on"])) for h in read_history(case_id) if "on" in h.detail
    ]
    assert told == [("letter_posted", after(10)), ("letter_undeliverable", after(14))]
