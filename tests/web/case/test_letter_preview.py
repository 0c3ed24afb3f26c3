"""The next letter before it goes out: today's numbers, marked on every page, and nothing is changed by looking."""

import pytest
from sqlalchemy import func, select

from dunning.outside.press.press import LetterPress
from dunning.records import db
from dunning.records.cases import Letter
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.rules.letters.letter import thaw_letter
from dunning.web.case.letter_press import press
from tests.outside.press.letter_builders import a_first_letter, a_letter_of_twelve_rates, a_second_letter
from tests.outside.press.pdf_reading import list_pages, read_text, read_words, words_in
from tests.web.world import AUTOMATIC, FOREIGN, LIVES, part_of

WAITS = ("awaiting_approval", "running", "blocked", "failed")
NO_LETTER_COMES = ("closed", "cancelled", "paid", "handed_over", "ready_for_handover")


def url_of(world, name: str, prefix: str = "") -> str:
    return f"{prefix}/cases/{world.cases[name]}/letters/preview.pdf"


def count_records() -> list[int]:
    rows = [db.session.scalar(select(func.count()).select_from(table)) for table in (Letter, Effect, History)]
    db.session.rollback()
    return rows


@pytest.mark.parametrize("name", WAITS)
def test_a_case_that_gets_another_letter_shows_it_before_it_goes_out(world, name):
    answer = world.vendor(LIVES[name][0]).get(url_of(world, name))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith('inline; filename="preview-')
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "VORSCHAU" in read_text(answer.data)


def test_it_is_the_second_letter_once_the_first_is_out(world):
    text = read_text(world.vendor(AUTOMATIC).get(url_of(world, "running")).data)
    assert "2. Mahnung" in text
    assert "Verzugszinsen" in text


@pytest.mark.parametrize("name", NO_LETTER_COMES)
def test_where_no_letter_comes_there_is_none_to_see(world, name):
    assert world.vendor(LIVES[name][0]).get(url_of(world, name)).status_code == 404
    assert "preview.pdf" not in world.show(name)


def test_while_a_letter_waits_for_the_post_no_other_is_next(world):
    assert world.vendor(AUTOMATIC).get(url_of(world, "no_mail")).status_code == 404


def test_looking_changes_nothing(world):
    before = count_records()
    world.vendor(AUTOMATIC).get(url_of(world, "running"))
    assert count_records() == before


def test_another_vendors_preview_is_not_found_and_staff_have_an_address_of_their_own(world):
    assert world.vendor(FOREIGN).get(url_of(world, "running")).status_code == 404
    assert world.staff().get(url_of(world, "running", "/admin")).status_code == 200
    assert world.staff().get(url_of(world, "running")).status_code == 404
    assert world.vendor(AUTOMATIC).get(url_of(world, "running", "/admin")).status_code == 404
    assert world.vendor(AUTOMATIC).get("/cases/99999999/letters/preview.pdf").status_code == 404
    assert world.app.test_client().get(url_of(world, "running")).status_code == 303


def test_the_case_page_offers_it_to_both(world):
    assert f'href="{url_of(world, "running")}"' in part_of(world.show("running"), "letters")
    staff = part_of(world.show("running", staff=True), "letters")
    assert f'href="{url_of(world, "running", "/admin")}"' in staff


def test_the_numbers_are_those_the_real_letter_would_say(world):
    query = select(Letter).where(
        Letter.case_id == world.cases["ready_for_handover"], Letter.kind == "second_letter"
    )
    real = thaw_letter(db.session.scalars(query).one().content)
    db.session.rollback()
    shown = read_text(press.render_preview(real)).replace(" VORSCHAU", "").replace("VORSCHAU ", "")
    plain = LetterPress()
    try:
        assert shown == read_text(plain.render(real))
    finally:
        plain.close()


@pytest.mark.parametrize(
    ("letter", "mark", "pages"),
    [
        (a_second_letter(), "VORSCHAU", 1),
        (a_letter_of_twelve_rates(), "VORSCHAU", 2),
        (a_first_letter(language="en"), "PREVIEW", 1),
    ],
    ids=["one page", "two pages", "English"],
)
def test_the_mark_stands_on_every_page_and_outside_the_window(letter, mark, pages):
    pdf = press.render_preview(letter)
    texts = list_pages(pdf)
    assert len(texts) == pages
    assert all(text.count(mark) == 1 for text in texts)
    window = " ".join(word["text"] for word in words_in(pdf, 20, 45, 105, 90))
    assert window.endswith("50674 Köln")
    assert window.startswith("Mahnlauf Demo GmbH")
    assert all(word["bottom"] <= 287 for word in read_words(pdf))


def test_the_real_letter_bears_no_mark():
    plain = LetterPress()
    try:
        assert "VORSCHAU" not in read_text(plain.render(a_second_letter()))
    finally:
        plain.close()
