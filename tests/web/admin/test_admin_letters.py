"""Letters on paper: what support sees of a day, prints, notes as posted or come back, and what is refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import time_machine
from flask import Flask

from dunning.records import db
from dunning.records.cases import Letter, Step
from tests.builders import a_receivable, a_user, a_vendor, after, empty_queue, pay, play, play_until
from tests.conftest import Browser
from tests.paper import PaperPress, print_blank_cover, read_pages
from tests.statements import counted_statements
from tests.web.world import text_of

LIST = "/admin/letters"
DAY = after(10).isoformat()


@pytest.fixture(autouse=True)
def quick_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters and cover list cost no time."""
    monkeypatch.setattr("dunning.jobs.ways.channels.LetterPress", PaperPress)
    monkeypatch.setattr("dunning.outside.press.print_file.print_cover", print_blank_cover)


@dataclass
class PostRoom:
    """Two letters of one day, one that was mailed and one that only the post can bring; it is noon on a day."""

    app: Flask
    staff: Browser
    clock: time_machine.Traveller
    user_id: int
    vendor_id: int
    mailed: int
    paper: int

    def note(self, letter_id: int, outcome: str = "posted", date: str = DAY, **fields: str):
        return self.staff.send(f"{LIST}/{letter_id}", {"outcome": outcome, "date": date} | fields)

    def go_to(self, day: int) -> None:
        """Noon of that day after the due date."""
        self.clock.move_to(f"{after(day)}T11:00:00+00:00")
        self.staff.login_as(self.user_id)  # the session of days ago is over

    def read_letter(self, letter_id: int) -> Letter:
        db.session.rollback()
        return db.session.get_one(Letter, letter_id, populate_existing=True)

    def state_of(self, letter_id: int) -> str:
        return db.session.get_one(Step, self.read_letter(letter_id).step_id).state


@pytest.fixture
def room(app: Flask) -> Iterator[PostRoom]:
    with time_machine.travel(f"{DAY}T11:00:00+00:00", tick=False) as clock:
        vendor_id = a_vendor()
        a_receivable(vendor_id, order_id="MAILED", zipcode="80804")
        a_receivable(vendor_id, order_id="PAPER", zipcode="10115", email="", last_name="Łukasz")
        play_until(after(10))
        staff, user_id = app.test_client(), a_user("support")
        staff.login_as(user_id)
        letters = {letter.content["order_id"]: letter.id for letter in db.session.scalars(db.select(Letter))}
        yield PostRoom(app, staff, clock, user_id, vendor_id, letters["MAILED"], letters["PAPER"])


def test_the_page_lists_todays_letters_by_postcode_with_what_became_of_them(room: PostRoom) -> None:
    page = room.staff.get(LIST)
    assert page.status_code == 200
    rows = re.findall(r'<tr role="row" id="letter-(\d+)">', page.text)
    assert rows == [str(room.paper), str(room.mailed)]
    assert "DE 10115 München" in page.text
    words = text_of(page.text)
    assert "Anna Łukasz" in words
    assert words.count("Zur Post zu geben") == 2
    assert "1 Schreiben kann nur mit der Post gehen und hält seinen Mahnfall auf" in words
    assert "Druckdatei mit 2 Briefen" in words


def test_the_page_speaks_english(room: PostRoom) -> None:
    words = text_of(room.staff.get(f"{LIST}?lang=en", follow_redirects=True).text)
    assert "Letters to print, 12 Jan 2026" in words
    assert "Print file with 2 letters" in words


def test_the_print_file_is_downloaded_in_the_order_of_postcodes(room: PostRoom) -> None:
    answer = room.staff.get(f"{LIST}.pdf?day={DAY}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="letters-{DAY}.pdf"'
    assert read_pages(answer.data) == [(101, 1), (808, 1)]
    assert room.staff.get(f"{LIST}.pdf?day={after(11)}").status_code == 404


def test_all_letters_of_a_day_are_noted_as_posted_with_one_click(room: PostRoom) -> None:
    room.go_to(11)
    answer = room.staff.send(f"{LIST}/posted", {"day": DAY, "date": after(11).isoformat()})
    assert (answer.status_code, answer.location) == (303, f"{LIST}?day={DAY}")
    for letter_id in (room.mailed, room.paper):
        assert room.read_letter(letter_id).posted_on == after(11)
    assert room.state_of(room.paper) == "done"
    assert "2 Briefe sind als zur Post gegeben vermerkt." in text_of(room.staff.get(answer.location).text)
    assert room.staff.get(f"{LIST}.pdf?day={DAY}").status_code == 404


def test_a_letter_made_after_the_page_was_shown_is_neither_printed_nor_noted_as_posted(
    room: PostRoom,
) -> None:
    shown = re.search(r'name="newest" value="(\d+)"', room.staff.get(LIST).text)
    assert shown
    assert f"letters.pdf?day={DAY}&amp;newest={shown[1]}" in room.staff.get(LIST).text
    a_receivable(room.vendor_id, order_id="LATER", zipcode="99084", email="")
    play(after(10))
    later = db.session.scalars(db.select(Letter.id).order_by(Letter.id.desc())).first()
    assert later == int(shown[1]) + 1
    printed = room.staff.get(f"{LIST}.pdf?day={DAY}&newest={shown[1]}")
    assert read_pages(printed.data) == [(101, 1), (808, 1)]
    room.staff.send(f"{LIST}/posted", {"day": DAY, "date": DAY, "newest": shown[1]})
    assert room.read_letter(room.paper).posted_on == after(10)
    assert room.read_letter(later).posted_on is None
    assert room.state_of(later) == "planned"


def test_without_a_day_the_letters_of_the_date_itself_are_posted(room: PostRoom) -> None:
    assert room.staff.send(f"{LIST}/posted", {"date": DAY}).status_code == 303
    assert room.read_letter(room.paper).posted_on == after(10)


def test_one_letter_is_noted_as_posted_and_the_case_page_says_so(room: PostRoom) -> None:
    assert room.note(room.paper).status_code == 303
    assert room.read_letter(room.mailed).posted_on is None
    case_id = room.read_letter(room.paper).case_id
    words = text_of(room.staff.get(f"/admin/cases/{case_id}").text)
    assert "1. Mahnung am 12.01.2026 zur Post gegeben" in words


def test_a_letter_that_came_back_makes_the_address_red_and_leaves_the_print_file(room: PostRoom) -> None:
    room.go_to(11)
    assert room.note(room.mailed, "undeliverable", after(11).isoformat()).status_code == 303
    case_id = room.read_letter(room.mailed).case_id
    page = room.staff.get(f"/admin/cases/{case_id}").text
    for key in ("street", "zipcode"):
        assert re.search(rf'data-check="{key}" data-ok="false"', page)
    assert "Am 13.01.2026 kam ein Brief zurück" in page
    assert "Kam am 13.01.2026 zurück" in page
    assert read_pages(room.staff.get(f"{LIST}.pdf?day={DAY}").data) == [(101, 1)]


def test_a_form_sent_twice_is_done_once(room: PostRoom) -> None:
    answers = [room.note(room.paper, form_key="k1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    all_day = [room.staff.send(f"{LIST}/posted", {"date": DAY, "form_key": "k2"}) for _ in range(2)]
    assert [answer.status_code for answer in all_day] == [303, 303]


@pytest.mark.parametrize("date", ["", after(9).isoformat(), after(11).isoformat()])
@pytest.mark.parametrize("outcome", ["posted", "undeliverable"])
def test_a_day_that_cannot_be_is_refused_with_what_was_typed(room: PostRoom, date: str, outcome: str) -> None:
    answer = room.note(room.paper, outcome, date, form_key="k1")
    assert answer.status_code == 422
    assert f'value="{date[:10]}"' in answer.text
    assert f'href="#date-{room.paper}"' in answer.text
    assert room.state_of(room.paper) == "planned"
    assert room.note(room.paper, outcome, DAY, form_key="k1").status_code == 303
    assert room.read_letter(room.paper).posted_on or room.read_letter(room.paper).undeliverable_on


def test_a_whole_day_is_not_posted_in_the_future(room: PostRoom) -> None:
    answer = room.staff.send(f"{LIST}/posted", {"day": DAY, "date": after(11).isoformat(), "newest": "1"})
    assert answer.status_code == 422
    assert 'name="newest" value="1"' in answer.text
    assert 'href="#date-all"' in answer.text
    assert room.read_letter(room.paper).posted_on is None


def test_what_cannot_be_understood_is_refused(room: PostRoom) -> None:
    assert room.staff.get(f"{LIST}?day=someday").status_code == 400
    assert room.staff.get(f"{LIST}.pdf?day=someday").status_code == 400
    assert room.staff.get(f"{LIST}.pdf?newest=last").status_code == 400
    assert room.staff.send(f"{LIST}/posted", {"day": "someday", "date": DAY}).status_code == 400
    assert room.note(room.paper, "burnt").status_code == 422
    assert room.note(4711).status_code == 404


def test_without_its_token_a_form_is_refused(room: PostRoom) -> None:
    for path in ("/posted", "/print", f"/{room.paper}"):
        assert room.staff.post(LIST + path, data={"date": DAY, "outcome": "posted"}).status_code == 400
    assert room.read_letter(room.paper).posted_on is None


def test_to_a_vendor_the_post_room_does_not_exist(room: PostRoom) -> None:
    vendor = room.app.test_client()
    vendor.login_as(a_user(vendor_id=room.vendor_id))
    assert vendor.get(LIST).status_code == 404
    assert vendor.get(f"{LIST}.pdf?day={DAY}").status_code == 404
    for path in ("/posted", "/print", f"/{room.paper}"):
        assert vendor.send(LIST + path, {"date": DAY, "outcome": "posted"}).status_code == 404
    assert room.app.test_client().get(LIST).status_code == 303
    assert room.read_letter(room.paper).posted_on is None


def test_a_letter_that_waited_too_long_is_made_anew_by_a_click_and_printed(room: PostRoom) -> None:
    room.go_to(13)
    play_until(after(13))
    words = text_of(room.staff.get(LIST).text)
    assert "1 Brief lag zu lange oder hat sich geändert" in words
    assert "An diesem Tag wurde kein Brief erstellt" in words
    assert "Zu spät für die Post" in text_of(room.staff.get(f"{LIST}?day={DAY}").text)
    answers = [room.staff.send(f"{LIST}/print", {"form_key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    empty_queue()
    assert room.state_of(room.paper) == "superseded"
    assert read_pages(room.staff.get(f"{LIST}.pdf").data) == [(101, 2)]
    case_id = room.read_letter(room.paper).case_id
    assert "12.01.2026 geht nicht hinaus" in text_of(room.staff.get(f"/admin/cases/{case_id}").text)


def test_a_letter_posted_in_time_is_noted_days_later(room: PostRoom) -> None:
    room.go_to(14)
    answer = room.staff.send(f"{LIST}/posted", {"day": DAY, "date": after(12).isoformat()})
    assert answer.status_code == 303
    assert room.read_letter(room.paper).posted_on == after(12)


def test_the_letter_of_a_case_that_was_paid_says_why_it_is_not_printed(room: PostRoom) -> None:
    pay("PAPER", 100_00, after(10))
    words = text_of(room.staff.get(LIST).text)
    assert "Nicht gedruckt: Der Mahnfall läuft nicht" in words
    assert "Druckdatei mit 1 Brief" in words


def test_the_search_finds_an_order_or_a_name(room: PostRoom) -> None:
    for text in ("paper", "lukasz"):
        page = room.staff.get(f"{LIST}?day={DAY}&q={text}").text
        assert re.findall(r'id="letter-(\d+)"', page) == [str(room.paper)]
    assert "Filter zurücksetzen" in text_of(room.staff.get(f"{LIST}?q=nobody").text)


def test_the_number_of_statements_does_not_grow_with_the_letters(room: PostRoom) -> None:
    with counted_statements() as few:
        room.staff.get(LIST)
    for number in range(5):
        a_receivable(room.vendor_id, order_id=f"MORE{number}", order_date=after(1), email="")
    room.go_to(11)
    play_until(after(11))
    with counted_statements() as many:
        room.staff.get(LIST)
    assert len(many) == len(few)
