"""Answers to the partner's questions, type by type: what is right, what is not, what the partner gets."""

import pytest

from dunning.rules.partner.questions import ANSWER_TYPES, StoredFile, list_types, read_answer, read_fields

FORM = {
    "form_fields": [
        {"name": "day", "label": "Day of the contract", "type": "date", "required": True},
        {
            "name": "channel",
            "label": "How?",
            "type": "choice",
            "options": ["shop", {"value": "p", "label": "Phone"}],
        },
        {"name": "attempts", "type": "number"},
        {"name": "delivered", "type": "checkbox"},
        {"name": "remark", "type": "poem"},
    ]
}
REASON, DATED = "yes-no-freetext-on-no", "yes-with-date-no-freetext-on-no"


def answer(kind: str, typed: dict[str, str], **content) -> dict:
    reading = read_answer(kind, content or FORM, typed)
    assert reading.errors == {}
    return reading.answer


def errors(kind: str, typed: dict[str, str]) -> dict[str, str]:
    return read_answer(kind, FORM, typed).errors


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("yes-no", {"value": "yes"}, {"value": "yes"}),
        ("yes-no", {"value": "no", "text": "not asked for"}, {"value": "no"}),
        ("yes-no-dontknow", {"value": "dontknow"}, {"value": "dontknow"}),
        (REASON, {"value": "yes", "text": "left over"}, {"value": "yes"}),
        (REASON, {"value": "no", "text": " never ordered "}, {"value": "no", "text": "never ordered"}),
        (DATED, {"value": "yes", "date": "2026-02-28"}, {"value": "yes", "date": "2026-02-28"}),
        (DATED, {"value": "no", "text": "lost", "date": "2026-02-28"}, {"value": "no", "text": "lost"}),
    ],
)
def test_a_word_goes_with_what_its_type_asks_for_and_nothing_else(kind, typed, expected):
    assert answer(kind, typed) == expected


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("yes-no", {}, {"value": "missing"}),
        ("yes-no", {"value": "dontknow"}, {"value": "not_offered"}),
        ("yes-no-dontknow", {"value": "perhaps"}, {"value": "not_offered"}),
        (REASON, {"value": "no"}, {"text": "missing"}),
        (REASON, {"value": "no", "text": "   "}, {"text": "missing"}),
        (REASON, {"value": "no", "text": "x" * 2001}, {"text": "too_long"}),
        (DATED, {"value": "yes"}, {"date": "missing"}),
        (DATED, {"value": "yes", "date": "2026-02-29"}, {"date": "no_date"}),
        (DATED, {"value": "no", "date": "2026-02-28"}, {"text": "missing"}),
        ("fileupload", {"files": "named only"}, {"files": "missing"}),
    ],
)
def test_what_is_missing_or_wrong_is_named_by_its_input(kind, typed, expected):
    assert errors(kind, typed) == expected


def test_an_upload_is_named_with_its_hash():
    reading = read_answer("fileupload", {}, {}, [StoredFile("a.pdf", "ab12")])
    assert (reading.answer, reading.errors) == ({"files": [{"name": "a.pdf", "sha256": "ab12"}]}, {})


def test_a_form_is_answered_by_the_partners_names_and_in_its_kinds():
    typed = {"field-0": "2026-01-02", "field-1": "p", "field-2": "1,5", "field-3": "on", "field-4": "Ode"}
    expected = {"day": "2026-01-02", "channel": "p", "attempts": "1.5", "delivered": True, "remark": "Ode"}
    assert answer("dynamic-form", typed) == {"fields": expected}


def test_what_a_form_does_not_require_may_stay_empty():
    assert answer("dynamic-form", {"field-0": "2026-01-02"}) == {
        "fields": {"day": "2026-01-02", "delivered": False}
    }


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({}, {"field-0": "missing"}),
        ({"field-0": "yesterday"}, {"field-0": "no_date"}),
        ({"field-0": "2026-01-02", "field-1": "letter"}, {"field-1": "not_offered"}),
        ({"field-0": "2026-01-02", "field-2": "1.234,5"}, {"field-2": "no_number"}),
        ({"field-0": "2026-01-02", "field-2": "1e9"}, {"field-2": "no_number"}),
        ({"field-0": "2026-01-02", "field-4": "x" * 2001}, {"field-4": "too_long"}),
    ],
)
def test_each_field_of_a_form_is_checked(typed, expected):
    assert errors("dynamic-form", typed) == expected


@pytest.mark.parametrize(
    ("typed", "number"), [("3", 3), ("-2", -2), ("2,0", 2), ("0.25", "0.25"), ("1,50", "1.50")]
)
def test_a_number_is_read_with_comma_or_point(typed, number):
    found = answer("dynamic-form", {"field-0": "2026-01-02", "field-2": typed})["fields"]["attempts"]
    assert (found, type(found)) == (number, type(number))


def test_a_field_of_an_unknown_kind_is_text_and_one_without_label_has_its_name():
    remark = read_fields(FORM)[4]
    assert (remark.kind, remark.label) == ("text", "remark")


def test_a_choice_without_options_is_text():
    assert read_fields({"form_fields": [{"name": "a", "type": "choice"}]})[0].kind == "text"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"form_fields": None},
        {"form_fields": []},
        {"form_fields": ["a"]},
        {"form_fields": [{"type": "text"}]},
    ],
)
def test_a_form_that_cannot_be_read_is_not_offered(content):
    assert list_types(["dynamic-form"], content) == ()


def test_types_nobody_knows_are_not_offered_and_the_others_in_the_partners_order():
    assert list_types(["telepathy", "fileupload", "yes-no", "yes-no"], {}) == ("fileupload", "yes-no")
    assert list_types(ANSWER_TYPES, FORM) == ANSWER_TYPES
