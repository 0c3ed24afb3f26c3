"""The block "At the partner": file number, stage, balance, news; and a page that looks again by itself."""

import re

import pytest

from dunning.records import transaction
from dunning.records.effects import Effect
from dunning.rules.partner.news import Update
from tests.actions.at_partner.partner_says import a_partner_payment, cases_at_partner, hear
from tests.builders import a_case, a_user, a_vendor, after, find_effect, read_case

pytestmark = pytest.mark.usefixtures("quick_press")


@pytest.fixture
def case_id(app) -> int:
    """A case at the partner, looked at."""
    (found,) = cases_at_partner()
    return found


def open_case(client, case_id: int, *, staff: bool = False) -> str:
    """The page of a case, as its vendor or as support reads it."""
    vendor_id = read_case(case_id).vendor_id
    client.login_as(a_user("support") if staff else a_user(vendor_id=vendor_id))
    path = f"/admin/cases/{case_id}" if staff else f"/cases/{case_id}"
    return client.get(path).text


def read_block(page: str) -> str:
    """The words of the block, blanks folded."""
    found = re.search(r'<section[^>]* id="partner".*?</section>', page, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def test_the_balance_is_split_as_the_partner_reports_it(client, case_id) -> None:
    hear(case_id, minute=1_000_000, legal_stage="judicial_dunning", paid=5_00)
    block = read_block(open_case(client, case_id))
    assert "Aktenzeichen SB-000001" in block
    assert "Gerichtliches Mahnverfahren" in block
    for words in ("Hauptforderung 100,00", "Zinsen 0,27", "Inkassokosten 60,00", "Dort offen 160,27"):
        assert words in block.replace("\xa0", " ")
    assert "Dort bezahlt 5,00" in block.replace("\xa0", " ")


def test_a_value_nobody_knows_is_for_support_only(client, case_id) -> None:
    hear(case_id, minute=1_000_000, legal_stage="moon")
    assert "moon" not in open_case(client, case_id)
    assert "moon" in read_block(open_case(client, case_id, staff=True))


def test_the_partners_words_are_text_in_the_timeline(client, case_id) -> None:
    words = (Update("Brief <b>eins</b>", "Der erste Brief.", {"title": "x"}),)
    hear(case_id, minute=1_000_000, updates=words)
    page = open_case(client, case_id)
    assert "Brief &lt;b&gt;eins&lt;/b&gt;" in page
    assert "Der erste Brief." in page


def test_what_a_person_has_to_look_at_is_shown_to_support(client, case_id) -> None:
    hear(case_id, minute=1_000_000, payments=(a_partner_payment(currency="CHF"),))
    alarm = "Der Partner führt eine Zahlung in einer anderen Währung"
    assert alarm in open_case(client, case_id, staff=True)
    assert alarm not in open_case(client, case_id)


def test_a_case_before_the_handover_has_no_such_block(client) -> None:
    assert read_block(open_case(client, a_case("running"))) == ""


def test_a_claim_in_review_says_so_and_looks_again(client) -> None:
    (case_id,) = cases_at_partner(last_name="SLOW-Muster")
    page = open_case(client, case_id)
    assert "Der Inkassopartner prüft die Forderung." in read_block(page)
    assert re.search(r'id="partner"[^>]* hx-trigger="every \d+s"', page)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("client_response_pending", "Wartet auf eine Antwort von uns in seinem Portal"),
        ("astonished", "„astonished“"),
    ],
)
def test_support_reads_where_the_partners_review_stands_also_in_a_word_nobody_knows(
    client, word, said
) -> None:
    (case_id,) = cases_at_partner(last_name="SLOW-Muster")
    assert "Wird geprüft" in read_block(open_case(client, case_id, staff=True))
    with transaction() as session:
        handover = session.get_one(Effect, find_effect("handover").id)
        handover.evidence = {**handover.evidence, "submission_state": word}
    assert said in read_block(open_case(client, case_id, staff=True))
    assert said not in open_case(client, case_id)


def find_progress(page: str) -> str:
    return re.search(r'hx-get="([^"]*/progress[^"]*)"', page)[1].replace("&amp;", "&")


def test_the_page_is_sent_again_only_when_it_says_something_new(client, case_id) -> None:
    url = find_progress(open_case(client, case_id))
    assert client.get(url).status_code == 204
    hear(case_id, minute=1_000_000, balance=99_00, on=after(41))
    again = client.get(url)
    assert (again.status_code, "99.00" in again.text or "99,00" in again.text) == (200, True)
    assert client.get(f"/cases/{case_id}/progress").status_code == 200


def test_another_vendors_progress_is_not_found(client, case_id) -> None:
    client.login_as(a_user(vendor_id=a_vendor()))
    assert client.get(f"/cases/{case_id}/progress").status_code == 404
    assert client.get(f"/admin/cases/{case_id}/progress").status_code == 404


def test_what_was_paid_for_the_partners_costs_is_told(client, case_id) -> None:
    hear(case_id, minute=1_000_000, payments=(a_partner_payment(cents=155_62),))
    page = open_case(client, case_id).replace("\xa0", " ")
    assert "Beim Partner bezahlt: 155,62 €" in page
    assert "davon 55,62 € für dessen Kosten" in page
