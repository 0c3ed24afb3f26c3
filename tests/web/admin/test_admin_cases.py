"""All vendors' cases for support: found by what a caller knows, with support's words, seen by staff only."""

import csv
import io
import re

import pytest

from tests.builders import a_user
from tests.statements import counted_statements
from tests.web.world import AUTOMATIC, LIMITED, LIVES, REVIEW, VENDORS, text_of

PATHS = ("/admin/cases", "/admin/cases.csv", "/admin/cases/1", "/admin/cases/1/eligibility")


def found_by(world, **query) -> set[str]:
    """The names of the cases a search finds."""
    page = world.staff().get("/admin/cases", query_string={"per": 100, **query})
    assert page.status_code == 200
    ids = {int(number) for number in re.findall(r'<tr role="row" id="case-(\d+)"', page.text)}
    return {name for name, case_id in world.cases.items() if case_id in ids}


def sold_by(*vendor_ids: int) -> set[str]:
    return {name for name, life in LIVES.items() if life[0] in vendor_ids and name != "rate_3"}


# --- Who ---


@pytest.mark.parametrize("path", PATHS)
def test_a_vendor_finds_nothing_here(world, path):
    assert world.vendor().get(path).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_asked_to_log_in(world, path):
    assert world.app.test_client().get(path).status_code == 303


def test_admins_see_what_support_sees(world):
    browser = world.browser(a_user("admin"))
    for path in ("/admin/cases", "/admin/cases.csv", f"/admin/cases/{world.cases['failed']}"):
        assert browser.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/admin/cases/0", "/admin/cases/999999", "/admin/cases/999999/eligibility"])
def test_a_case_that_is_none_is_not_found(world, path):
    assert world.staff().get(path).status_code == 404


# --- Search ---


def test_without_a_search_all_vendors_cases_are_there(world):
    assert found_by(world) == set(world.cases)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (str(AUTOMATIC), sold_by(AUTOMATIC)),
        ("HOSTILE", {"hostile"}),
        ("hosti", {"hostile"}),
        ("grzegorz", {"blocked"}),
        ("muster handels", {"business"}),
        ("agnieszka@example.org", {"blocked"}),
        ("AGNIESZKA@", {"blocked"}),
        ("nobody", set()),
    ],
)
def test_a_case_is_found_by_order_user_id_name_or_address(world, text, names):
    assert found_by(world, q=text) == names


def test_the_vendors_filters_work_here_too(world):
    assert found_by(world, status="in_progress", q=str(AUTOMATIC)) == {"running", "no_mail"}
    assert found_by(world, status=["paid", "closed"]) == {"paid", "closed"}


@pytest.mark.parametrize(
    "query",
    [
        "sort=secret",
        "status=nothing",
        "amount_min=1.234",
        "after=forged",
        "open=x",
        "vendor=x",
        "vendor=0",
        "vendor=-8",
    ],
)
def test_a_parameter_nobody_understands_is_refused_with_a_way_back(world, query):
    answer = world.staff().get(f"/admin/cases?{query}")
    assert answer.status_code == 400
    assert 'href="/admin/cases"' in answer.text


# --- Words ---


def test_the_banner_says_whose_data_is_on_screen(world):
    everybody = world.staff().get("/admin/cases").text
    assert "Sie sehen Daten aller Vendoren" in everybody
    one = " ".join(re.sub(r"<[^>]+>", "", world.staff().get(f"/admin/cases?vendor={REVIEW}").text).split())
    assert f"Sie sehen Daten von Kurs GmbH · User-ID {REVIEW}" in one
    case = " ".join(re.sub(r"<[^>]+>", "", world.show("partly_paid", staff=True)).split())
    assert f"Sie sehen Daten von Garten UG · User-ID {LIMITED}" in case


def test_no_vendor_ever_sees_the_banner(world):
    assert 'class="staff"' not in world.show("running")
    assert 'class="staff"' in world.show("running", staff=True)


@pytest.mark.parametrize(
    ("name", "support", "vendor"),
    [
        ("awaiting_approval", "Gesperrt", "Warten auf Freigabe"),
        ("handed_over", "Ans Inkasso übergeben", "Mahnlauf gestartet"),
    ],
)
def test_support_has_status_names_of_its_own(world, name, support, vendor):
    page = world.staff().get("/admin/cases?per=100").text
    row = text_of(re.search(rf'<tr role="row" id="case-{world.cases[name]}".*?</tr>', page, re.DOTALL)[0])
    assert support in row
    assert vendor not in row
    assert f"{support} " in text_of(world.show(name, staff=True))


def test_support_reads_what_the_vendor_has_to_do_as_the_vendors(world):
    table = world.staff().get("/admin/cases?per=100").text
    pages = [table, *(world.show(name, staff=True) for name in ("awaiting_approval", "ready_for_handover"))]
    assert "Der Start des Vendors fehlt noch" in table
    assert "der Vendor stimmt damit auch der späteren Übergabe ans Inkasso zu" in pages[1]
    assert "Wartet auf die Freigabe des Vendors" in pages[2]
    for page in pages:
        assert not re.search(r"Ihr Start|Ihre Freigabe|stimmen Sie", page)


def test_each_row_names_its_vendor_and_leads_to_the_staffs_page(world):
    page = world.staff().get("/admin/cases?q=HOSTILE").text
    assert VENDORS[REVIEW] in page
    assert f'href="/admin/cases/{world.cases["hostile"]}"' in page


def test_staff_change_a_case_by_their_own_forms_only(world):
    pages = [world.staff().get("/admin/cases?per=100").text]
    pages += [world.show(name, staff=True) for name in ("awaiting_approval", "failed", "ready_for_handover")]
    pages.append(world.staff().get(f"/admin/cases/{world.cases['failed']}/eligibility").text)
    for page in pages:
        for form in re.findall(r'<form[^>]*method="post"[^>]*>', page):
            own = r'action="/(logout|theme|admin/cases/\d+/(status|block|unblock|dispute|payments|address|notes))"'
            assert re.search(own, form), form


def test_staff_read_the_vendors_settings_on_the_case(world):
    page = text_of(world.show("partly_paid", staff=True))
    assert f"Garten UG · User-ID {LIMITED}" in page
    assert "Automatische Übergabe über 1.000.000 €" in page


def test_a_panel_opens_below_its_row_with_and_without_scripts(world):
    case_id = world.cases["failed"]
    fragment = world.staff().get(f"/admin/cases/{case_id}/eligibility").text
    page = world.staff().get(f"/admin/cases?per=100&open={case_id}").text
    for source in (fragment, page):
        assert f'id="eligibility-{case_id}"' in source
        assert 'data-check="house_number" data-ok="false"' in source
    assert "<html" not in fragment


def test_every_link_of_the_staffs_pages_leads_somewhere(world):
    sources = [world.staff().get("/admin/cases?per=25").text, world.show("ready_for_handover", staff=True)]
    browser = world.staff()
    links = {link for source in sources for link in re.findall(r'href="(/[^"#]*)', source)}
    for link in sorted(link.replace("&amp;", "&") for link in links if not link.startswith("/static")):
        assert browser.get(link).status_code in (200, 303), link


# --- Download ---


def test_the_download_has_every_case_with_its_vendor_first(world):
    answer = world.staff().get("/admin/cases.csv")
    assert answer.mimetype == "text/csv"
    rows = list(
        csv.DictReader(io.StringIO(answer.text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")), delimiter=";")
    )
    assert list(rows[0])[:3] == ["vendor_id", "vendor_name", "case_id"]
    assert {int(row["case_id"]) for row in rows} == set(world.cases.values())
    handed_over = next(row for row in rows if row["order_id"] == "HANDED_OVER")
    assert (handed_over["vendor_name"], handed_over["status_label"]) == (
        "Foto & Film KG",
        "Ans Inkasso übergeben",
    )


def test_the_download_follows_the_search(world):
    text = world.staff().get(f"/admin/cases.csv?q={REVIEW}").text
    assert len(text.strip().splitlines()) == 1 + len(sold_by(REVIEW))


# --- Speed ---


def test_the_table_takes_few_statements_however_many_rows(world):
    browser = world.staff()
    with counted_statements() as seen:
        assert browser.get("/admin/cases?per=100").status_code == 200
    assert len(seen) <= 10, "\n".join(seen)
