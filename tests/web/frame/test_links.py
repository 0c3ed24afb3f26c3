"""No link leads nowhere: what the case pages of vendors and staff lead to are pages their reader has."""

import html
import re

import pytest

from dunning.links import STAFF_LINKS, VENDOR_LINKS
from dunning.web.frame.access import ACCESS, PUBLIC, STAFF, VENDOR
from tests.web.world import LIVES, World

TAG = re.compile(r"<[a-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
LINK = re.compile(r' (href|src|action|hx-get|hx-post)="(/[^"?#]*)')


def list_targets(source: str) -> set[tuple[str, str]]:
    """(method, path) of everything on a page that leads on."""
    return {
        (
            "POST" if name == "hx-post" or (name == "action" and 'method="post"' in tag) else "GET",
            html.unescape(path),
        )
        for tag in TAG.findall(source)
        for name, path in LINK.findall(tag)
    }


def collect_pages(world: World, *, staff: bool) -> dict[str, str]:
    """The pages of all cases, their fragments, the table and the look-up, by address."""
    links = STAFF_LINKS if staff else VENDOR_LINKS
    found = {}
    for name, case_id in world.cases.items():
        browser = world.staff() if staff else world.vendor(LIVES[name][0])
        table = links.cases(open=case_id, q=name)
        order = links.order(LIVES[name][2].get("order_id", name.upper()))
        for address in (links.case(case_id), links.case(case_id, "eligibility"), table, order):
            found[address] = browser.get(address).text
    return found


@pytest.mark.parametrize("staff", [False, True], ids=["vendor", "staff"])
def test_every_link_of_the_case_pages_opens_for_its_reader(world, staff):
    routes = world.app.url_map.bind("localhost")
    followed = set()
    for address, source in collect_pages(world, staff=staff).items():
        for method, path in list_targets(source):
            endpoint, _values = routes.match(path, method)
            allowed = ACCESS[endpoint]
            assert allowed == PUBLIC or allowed == (STAFF if staff else VENDOR), (address, method, path)
            followed.add(endpoint)
    assert len(followed) > 20


def test_a_page_at_both_addresses_is_the_vendors_and_the_staffs(app):
    shared = {endpoint for endpoint in ACCESS if endpoint.startswith("staff.")}
    assert len(shared) > 10
    for endpoint in shared:
        twin = endpoint.removeprefix("staff.")
        assert app.view_functions[twin] is app.view_functions[endpoint]
        assert (ACCESS[twin], ACCESS[endpoint]) == (VENDOR, STAFF)


def test_a_query_is_written_so_that_it_is_read_as_it_was():
    assert VENDOR_LINKS.cases(q="a&b c") == "/cases?q=a%26b+c"
    assert STAFF_LINKS.case(7, "progress", seen="x") == "/admin/cases/7/progress?seen=x"
    assert STAFF_LINKS.order("A/1") == "/admin/eligibility?order_id=A%2F1"
