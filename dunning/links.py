"""Where the pages of cases are: the one place that builds their addresses, for templates, rows, redirects and mails.

What is shown below an address is registered in `web/frame/pages`; a test follows every link.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Links:
    """One kind of reader's addresses: vendors have the pages at the root, staff the same ones under /admin."""

    root: str
    look_up: str

    def cases(self, **query: object) -> str:
        """The table of cases, filtered."""
        return _add_query(f"{self.root}/cases", query)

    def case(self, case_id: int, part: str = "", **query: object) -> str:
        """A case's page, or what stands below it: a file, a fragment, the target of a form."""
        page = f"{self.root}/cases/{case_id}"
        return _add_query(f"{page}/{part}" if part else page, query)

    def letter(self, case_id: int, number: int, form: str = "pdf") -> str:
        """A letter that was made, or with `png` a small picture of it."""
        return self.case(case_id, f"letters/{number}.{form}")

    def order(self, order_id: str) -> str:
        """The look-up of an order, with or without a case."""
        return _add_query(self.look_up, {"order_id": order_id})


def _add_query(path: str, query: Mapping[str, object]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


VENDOR_LINKS = Links("", "/orders")
STAFF_LINKS = Links("/admin", "/admin/eligibility")
