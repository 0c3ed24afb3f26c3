"""The look-up: for any own order, with or without a case, why it is (not) in dunning and from when."""

import datetime as dt
import re

import pytest

from dunning.web.request.current import current_desk
from tests.builders import a_receivable, a_user, a_vendor, read_order
from tests.statements import counted_statements
from tests.web.world import AUTOMATIC, FOREIGN, REVIEW, text_of


def points_of(page: str, panel: str) -> dict[str, bool]:
    """Point key -> green, of one panel."""
    source = page.partition(f'id="eligibility-{panel}"')[2].partition('class="elig"')[0]
    return {key: ok == "true" for key, ok in re.findall(r'data-check="(\w+)" data-ok="(true|false)"', source)}


def look_up(browser, order_id: str, path: str = "/orders") -> str:
    answer = browser.get(path, query_string={"order_id": order_id})
    assert answer.status_code == 200
    return answer.text


@pytest.fixture(params=["/orders", "/admin/eligibility"])
def path(request) -> str:
    return request.param


def reader(world, path: str, vendor_id: int = REVIEW):
    return world.staff() if path.startswith("/admin") else world.vendor(vendor_id)


def test_a_stranger_is_asked_to_log_in(world, path):
    assert world.app.test_client().get(path).status_code == 303


def test_without_an_order_id_the_page_asks_for_one(world, path):
    page = reader(world, path).get(path)
    assert page.status_code == 200
    assert 'name="order_id"' in page.text
    assert "data-check" not in page.text


def test_an_unknown_order_says_so_in_one_red_point(world, path):
    page = look_up(reader(world, path), "nix", path)
    assert re.findall(r'data-check="(\w+)" data-ok="(\w+)"', page) == [("order_exists", "false")]
    assert 'value="nix"' in page


def test_another_vendors_order_is_as_unknown_as_none(world):
    foreign = text_of(look_up(world.vendor(FOREIGN), "FAILED"))
    missing = text_of(look_up(world.vendor(FOREIGN), "MISSING"))
    assert foreign.replace("FAILED", "") == missing.replace("MISSING", "")


def test_staff_find_every_vendors_order_and_see_whose_it_is(world):
    page = look_up(world.staff(), "FAILED", "/admin/eligibility")
    assert f"Sie sehen Daten von Foto &amp; Film KG · User-ID {AUTOMATIC}" in " ".join(
        re.sub(r"<[^>]+>", " ", page).split()
    )
    assert f'href="/admin/cases/{world.cases["failed"]}"' in page


def test_staff_can_change_nothing_in_a_look_up(world):
    page = look_up(world.staff(), "FAILED", "/admin/eligibility")
    assert 'action="/cases' not in page
    assert "/address" not in page


def test_a_vendor_never_sees_the_staffs_look_up(world):
    assert world.vendor().get("/admin/eligibility?order_id=FAILED").status_code == 404


def test_an_order_with_a_case_leads_to_it_and_names_its_red_points(world):
    page = look_up(world.vendor(AUTOMATIC), "FAILED")
    case_id = world.cases["failed"]
    assert f'href="/cases/{case_id}"' in page
    points = points_of(page, str(case_id))
    assert not points["house_number"]
    assert not points["city"]
    assert points["street"]


def test_every_instalment_has_a_panel_of_its_own(world):
    page = look_up(world.vendor(), "PLAN1")
    assert page.count('class="elig"') == 3
    assert points_of(page, "PLAN1-3")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_an_order_that_only_waits_for_its_date_says_when_it_appears(app, client):
    today, vendor_id = current_desk().today, a_vendor()
    order = read_order(a_receivable(vendor_id, order_date=today - dt.timedelta(3)))
    client.login_as(a_user(vendor_id=vendor_id))
    page = look_up(client, order.order_id)
    assert f"Erscheint am {today + dt.timedelta(7):%d.%m.%Y} im Mahnwesen" in text_of(page)
    assert "Überfällig" in text_of(page)
    points = points_of(page, f"{order.order_id}-1")
    assert [key for key in ("due_date_passed", "dunning_date_reached") if points[key]] == ["due_date_passed"]


def test_an_order_that_never_appears_says_no_day(app, client):
    vendor_id = a_vendor()
    order = read_order(a_receivable(vendor_id, payment_method="paypal"))
    client.login_as(a_user(vendor_id=vendor_id))
    page = look_up(client, order.order_id)
    assert "Erscheint" not in text_of(page)
    assert not points_of(page, f"{order.order_id}-1")["method_allowed"]


@pytest.mark.parametrize(
    "query", ["order_id=a&order_id=b", "order_id=" + "x" * 101, "order_id=a%0Ab", "order_id=%00"]
)
def test_what_cannot_be_an_order_id_is_refused_with_a_way_back(world, path, query):
    answer = reader(world, path).get(f"{path}?{query}")
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "' OR 1=1 --", "%", "_"])
def test_strange_order_ids_are_text(world, path, text):
    page = look_up(reader(world, path), text, path)
    assert "<script>alert" not in page
    assert points_of(page, "unknown") == {"order_exists": False}


def test_a_plan_of_many_instalments_takes_no_more_statements(world):
    browser, counts = world.vendor(), []
    for order_id in ("HOSTILE", "PLAN1"):
        with counted_statements() as seen:
            look_up(browser, order_id)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7, counts
