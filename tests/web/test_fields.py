"""Form parts: what was typed stays, what is wrong is said beside the field and can be reached from the top."""

import re

import pytest
from flask import render_template_string

FORM = """{% from "fields.html" import csrf_field, key_field, error_summary, text_field, select_field, area_field %}
{{ csrf_field() }}{{ key_field() }}{{ error_summary(errors) }}
{{ text_field("street", "Straße", values, errors, hint="ohne Nummer") }}
{{ text_field("city", "Ort", values, errors, id="city-7") }}
{{ select_field("country", "Land", [("DE", "Deutschland"), ("AT", "Österreich")], values, errors) }}
{{ area_field("text", "Notiz", values, errors) }}"""


@pytest.fixture
def draw(app):
    """The form with these values and errors."""

    def render(values=None, errors=None):
        with app.test_request_context():
            return render_template_string(FORM, values=values or {}, errors=errors or {})

    return render


def test_what_was_typed_is_shown_again_as_text(draw):
    page = draw({"street": '"><script>', "text": "</textarea><b>", "country": "AT"})
    assert 'value="&#34;&gt;&lt;script&gt;"' in page
    assert "&lt;/textarea&gt;&lt;b&gt;" in page
    assert '<option value="AT" selected>' in page


def test_an_error_stands_beside_its_field_and_in_the_list_above(draw):
    page = draw(errors={"street": "Die Straße fehlt", "city": "Der Ort fehlt"})
    assert '<a href="#street" hx-boost="false">Die Straße fehlt</a>' in page
    assert '<div class="err" id="street-error">Die Straße fehlt</div>' in page
    street = re.search(r'<input[^>]* id="street"[^>]*>', page)[0]
    assert 'aria-invalid="true"' in street
    assert 'aria-describedby="street-hint street-error"' in street


def test_the_first_field_that_is_wrong_gets_the_focus(draw):
    page = draw(errors={"street": "fehlt", "city": "fehlt"})
    assert page.count(" autofocus") == 1
    assert " autofocus" in re.search(r'<input[^>]* id="street"[^>]*>', page)[0]


def test_without_errors_nothing_is_marked(draw):
    page = draw()
    assert "aria-invalid" not in page
    assert 'role="alert"' not in page


def test_every_form_gets_a_key_of_its_own(draw):
    keys = {re.search(r'name="form_key" value="([^"]+)"', draw())[1] for _ in range(5)}
    assert len(keys) == 5
