"""The one form class: what was typed stays, what is wrong is said once per field, in the order of the fields."""

import datetime as dt
import re

import pytest
from flask import render_template_string
from werkzeug.datastructures import MultiDict

from dunning.web.request.form import Form

WRONG, AMBIGUOUS = "no amount", "two amounts"


def type_in(**sent):
    return Form.typed("trial", sent, ("day", "amount", "text", "kind"), longest=10)


def test_what_was_typed_is_kept_without_the_blanks_around():
    assert type_in(text="  two words \n").values["text"] == "two words"


def test_a_field_that_was_not_sent_is_empty_and_one_nobody_asked_for_is_not_taken():
    assert type_in(text="x", other="y").values == {"day": "", "amount": "", "text": "x", "kind": ""}


def test_of_a_field_sent_twice_the_first_counts():
    assert Form.typed("", MultiDict([("text", "a"), ("text", "b")]), ("text",)).values == {"text": "a"}


def test_far_too_long_a_text_is_cut():
    assert type_in(text="x" * 11).values["text"] == "x" * 10
    assert len(Form.typed("", {"text": "x" * 5_000}, ("text",)).values["text"]) == 2_000


@pytest.mark.parametrize("text", ["", "   "])
def test_a_text_that_is_missing_is_asked_for(text):
    form = type_in(text=text)
    assert form.read_text("text", "Say why.") == ""
    assert form.errors == {"text": "Say why."}


def test_a_text_that_is_there_is_read():
    form = type_in(text="why")
    assert (form.read_text("text", "Say why."), form.errors) == ("why", {})


def test_a_choice_is_one_of_what_is_offered():
    form = type_in(kind="b")
    assert (form.choose("kind", ("a", "b"), "Choose."), form.errors) == ("b", {})


@pytest.mark.parametrize("kind", ["", "c", "A", "ab"])
def test_an_unknown_choice_is_refused_and_still_shown(kind):
    form = type_in(kind=kind)
    assert form.choose("kind", ("a", "b"), "Choose.") == ""
    assert (form.errors, form.values["kind"]) == ({"kind": "Choose."}, kind)


@pytest.mark.parametrize(("text", "number"), [("7", 7), (" 007 ", 7), ("0", 0)])
def test_a_number_is_read(text, number):
    assert Form.typed("", {"n": text}, ("n",)).read_number("n") == number


@pytest.mark.parametrize("text", ["", "-1", "1.0", "1e3", "x", "٣", "²", "9" * 19, "9" * 5_000])
def test_what_is_no_number_reads_as_none_of_them(text):
    assert Form.typed("", {"n": text}, ("n",)).read_number("n") == 0


def test_a_day_is_local_and_has_no_time():
    assert type_in(day=" 2026-02-28 ").read_day("day", "No day.") == dt.date(2026, 2, 28)


@pytest.mark.parametrize("day", ["", "2026-02-29", "2026-1-3", "28.02.2026", "0000-01-01", "<b>"])
def test_a_wrong_day_is_refused_and_still_shown(day):
    form = type_in(day=day)
    assert form.read_day("day", "No day.") is None
    assert (form.errors, form.values["day"]) == ({"day": "No day."}, day)


@pytest.mark.parametrize(
    ("amount", "cents"), [("1.234,56", 1_234_56), ("1,234.56", 1_234_56), ("7", 7_00), ("-1,5", -1_50)]
)
def test_an_amount_is_read_in_cents(amount, cents):
    form = type_in(amount=amount)
    assert (form.read_cents("amount", WRONG, AMBIGUOUS), form.errors) == (cents, {})


@pytest.mark.parametrize(
    ("amount", "why"),
    [("", WRONG), ("abc", WRONG), ("1e5", WRONG), ("1.234", AMBIGUOUS), ("1,234", AMBIGUOUS)],
)
def test_a_wrong_amount_is_refused_and_still_shown(amount, why):
    form = type_in(amount=amount)
    assert form.read_cents("amount", WRONG, AMBIGUOUS) is None
    assert (form.errors, form.values["amount"]) == ({"amount": why}, amount)


def test_of_several_reasons_the_first_is_told():
    form = type_in()
    form.refuse("text", "first")
    form.refuse("text", "second")
    assert form.errors == {"text": "first"}


def test_a_form_is_drawn_in_its_own_place_only():
    form = Form("7", {"text": "typed"}, {"text": "wrong"})
    assert form.only(7) is form
    assert (form.only(8).values, form.only(8).errors) == ({}, {})
    assert Form().only("trial").errors == {}


def test_the_first_field_that_is_wrong_gets_the_focus_and_all_are_linked_in_their_order(app):
    form = type_in(amount="1.234", kind="z", text="kept")
    form.read_cents("amount", WRONG, AMBIGUOUS)
    form.read_text("day", "No day.")
    draw = (
        '{% from "fields.html" import error_summary, text_field %}'
        '{{ error_summary(form.errors, suffix="-" ~ form.name) }}'
        "{% for name in ('day', 'amount', 'text') %}"
        '{{ text_field(name, name, form.values, form.errors, id=name ~ "-" ~ form.name) }}{% endfor %}'
    )
    with app.test_request_context():
        page = render_template_string(draw, form=form)
    assert re.findall(r'href="#([\w-]+)"', page) == ["amount-trial", "day-trial"]
    assert re.findall(r'id="([\w-]+)"[^>]* autofocus', page) == ["amount-trial"]
    assert 'value="kept"' in page
