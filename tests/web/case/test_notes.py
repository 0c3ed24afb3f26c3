"""Notes on a case: the vendor's are read by both sides, support's by support alone."""

import pytest

from tests.builders import a_case, a_user, read_case, read_history
from tests.web.world import text_of

pytestmark = pytest.mark.usefixtures("quick_press")
WORDS = "Hat angerufen: zahlt am Freitag <b>"


def read_as(client, case_id: int, role: str) -> str:
    """The case's page, as words."""
    vendor_id = read_case(case_id).vendor_id if role == "vendor" else None
    client.login_as(a_user(role, vendor_id=vendor_id))
    return text_of(client.get(f"/{'' if vendor_id else 'admin/'}cases/{case_id}").text)


@pytest.fixture
def case_id(client) -> int:
    """A running case whose vendor is logged in."""
    case_id = a_case("running")
    client.login_as(a_user(vendor_id=read_case(case_id).vendor_id))
    return case_id


def test_a_vendors_note_is_read_by_vendor_and_support(client, case_id):
    answer = client.send(f"/cases/{case_id}/notes", {"text": f"  {WORDS} "})
    assert (answer.status_code, answer.location) == (303, f"/cases/{case_id}#history")
    assert (read_history(case_id)[-1].verb, read_history(case_id)[-1].reason) == ("note", WORDS)
    assert "Die Notiz ist gespeichert." in text_of(client.get(answer.location).text)
    assert "Hat angerufen: zahlt am Freitag &lt;b&gt;" in client.get(f"/cases/{case_id}").text
    assert "Hat angerufen" in read_as(client, case_id, "support")


def test_supports_note_is_hidden_from_the_vendor(client, case_id):
    client.login_as(a_user("support"))
    assert client.send(f"/admin/cases/{case_id}/notes", {"text": WORDS}).status_code == 303
    assert "Hat angerufen" in read_as(client, case_id, "support")
    assert "Hat angerufen" not in read_as(client, case_id, "vendor")


def test_an_empty_note_is_422(client, case_id):
    answer = client.send(f"/cases/{case_id}/notes", {"text": " \n"})
    assert answer.status_code == 422
    assert "Schreiben Sie auf, was notiert werden soll." in text_of(answer.text)
    assert "note" not in [row.verb for row in read_history(case_id)]


def test_the_same_form_twice_is_one_note(client, case_id):
    form = {"text": WORDS, "form_key": "once"}
    answers = [client.send(f"/cases/{case_id}/notes", form) for _ in range(2)]
    assert [answer.location for answer in answers] == [f"/cases/{case_id}#history"] * 2
    assert [row.verb for row in read_history(case_id)].count("note") == 1


def test_nobody_notes_anything_on_anothers_case_or_without_a_token(client, case_id):
    assert client.post(f"/cases/{case_id}/notes", data={"text": WORDS}).status_code == 400
    assert client.send(f"/admin/cases/{case_id}/notes", {"text": WORDS}).status_code == 404
    client.login_as(a_user())
    assert client.send(f"/cases/{case_id}/notes", {"text": WORDS}).status_code == 404
    assert client.send("/cases/999999/notes", {"text": ""}).status_code == 404
    assert "note" not in [row.verb for row in read_history(case_id)]
