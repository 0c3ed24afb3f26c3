"""`flask letters print`: one PDF in postcode order; what waited too long is made anew before it goes out."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from dunning.records import db
from dunning.records.cases import Letter, Step
from tests.builders import (
    a_receivable,
    a_vendor,
    after,
    find_case,
    pay,
    play_until,
    read_case_dossier,
    read_order,
)
from tests.paper import PaperPress, print_blank_cover, read_cover, read_pages


@pytest.fixture(autouse=True)
def paper_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters are real PDFs that cost no time."""
    monkeypatch.setattr("dunning.jobs.ways.channels.LetterPress", PaperPress)


@pytest.fixture
def blank_cover(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list on top is empty and costs no time."""
    monkeypatch.setattr("dunning.outside.press.print_file.print_cover", print_blank_cover)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "letters.pdf"


def print_day(app: Flask, output: Path, day: int, *words: str) -> Result:
    args = ["letters", "print", "--on", after(day).isoformat(), "--output", str(output), *words]
    result = app.test_cli_runner().invoke(args=args)
    db.session.rollback()
    return result


def told(result: Result) -> dict:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def steps_of(receivable_id: int, kind: str) -> list[tuple[str, int | None]]:
    """(state, day done) of every round."""
    steps = [s for s in read_case_dossier(find_case(receivable_id)).steps if s.kind == kind]
    return [(s.state, (s.done_on - after(0)).days if s.done_on else None) for s in steps]


def letters_of(receivable_id: int) -> list[Letter]:
    query = db.select(Letter).join(Step, Step.id == Letter.step_id).order_by(Letter.number)
    return list(db.session.scalars(query.where(Step.receivable_id == receivable_id)))


def test_letters_lie_in_the_order_of_their_postcodes_below_a_list_of_them(
    each_app: Flask, output: Path
) -> None:
    vendor_id = a_vendor()
    a_receivable(vendor_id, order_id="LATE", zipcode="80804", city="München", last_name="Ünal")
    a_receivable(vendor_id, order_id="EARLY", zipcode="10115", city="Berlin", company="Łódź Käse GmbH")
    play_until(after(10))
    summary = told(print_day(each_app, output, 10))
    assert summary == {"date": after(10).isoformat(), "letters": 2, "renewed": 0, "posted": 0}
    assert read_pages(output.read_bytes()) == [(101, 1), (808, 1)]
    cover = " ".join(read_cover(output.read_bytes()))
    assert cover.index("DE 10115 Berlin") < cover.index("DE 80804 München")
    assert all(words in cover for words in ("Łódź Käse GmbH", "Anna Ünal", "1. Mahnung"))
    assert told(print_day(each_app, output, 10, "--posted"))["posted"] == 2
    assert [letter.posted_on for letter in db.session.scalars(db.select(Letter))] == [after(10)] * 2


def test_a_day_without_letters_ends_with_one_line_and_no_file(each_app: Flask, output: Path) -> None:
    result = print_day(each_app, output, 10)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: no letters to print of {after(10)}\n"
    assert not output.exists()


@pytest.mark.usefixtures("blank_cover")
def test_what_was_posted_paid_or_cancelled_is_not_printed(each_app: Flask, output: Path) -> None:
    paid = a_receivable(email="")
    play_until(after(10))
    pay(read_order(paid).order_id, 100_00, after(10))
    assert print_day(each_app, output, 10).exit_code == 1
    a_receivable(order_date=after(1), email="")
    play_until(after(11))
    assert told(print_day(each_app, output, 11, "--posted"))["letters"] == 1
    assert print_day(each_app, output, 11).exit_code == 1


@pytest.mark.usefixtures("blank_cover")
def test_a_letter_that_waits_for_the_post_is_made_anew_after_two_working_days(
    each_app: Flask, output: Path
) -> None:
    receivable_id = a_receivable(email="")
    play_until(after(12))  # Monday to Wednesday
    assert print_day(each_app, output, 12).exit_code == 1  # it is Monday's letter
    assert told(print_day(each_app, output, 10))["renewed"] == 0  # an earlier day's file makes nothing anew
    play_until(after(13))
    assert steps_of(receivable_id, "first_letter") == [("planned", None)]  # the clock alone does nothing
    assert told(print_day(each_app, output, 13, "--posted")) == {
        "date": after(13).isoformat(),
        "letters": 1,
        "renewed": 1,
        "posted": 1,
    }
    assert steps_of(receivable_id, "first_letter") == [("superseded", None), ("done", 13)]
    old, new = letters_of(receivable_id)
    assert (old.posted_on, new.on_date, new.posted_on) == (None, after(13), after(13))
    assert new.deadline > old.deadline
    assert read_pages(output.read_bytes()) == [(808, 2)]
    play_until(after(23))
    assert [letter.kind for letter in letters_of(receivable_id)][2:] == ["second_letter"]


@pytest.mark.usefixtures("blank_cover")
def test_a_letter_accepted_by_mail_is_never_made_anew(each_app: Flask, output: Path) -> None:
    receivable_id = a_receivable()
    play_until(after(19))
    assert print_day(each_app, output, 19).exit_code == 1
    assert steps_of(receivable_id, "first_letter") == [("done", 10)]
    assert told(print_day(each_app, output, 10))["letters"] == 1


@pytest.mark.usefixtures("blank_cover")
def test_a_letter_whose_amount_changed_is_made_anew_with_the_new_numbers(
    each_app: Flask, output: Path
) -> None:
    receivable_id = a_receivable(email="")
    play_until(after(10))
    pay(read_order(receivable_id).order_id, 40_00, after(11))
    assert told(print_day(each_app, output, 11))["renewed"] == 1
    assert [letter.total_cents for letter in letters_of(receivable_id)] == [100_00, 60_00]
    assert told(print_day(each_app, output, 11, "--posted"))["renewed"] == 0


@pytest.mark.usefixtures("blank_cover")
def test_a_past_day_played_after_its_orders_came_in_prints_its_letters(each_app: Flask, output: Path) -> None:
    a_receivable(email="", on=after(300))
    play_until(after(10))
    assert told(print_day(each_app, output, 10))["letters"] == 1
