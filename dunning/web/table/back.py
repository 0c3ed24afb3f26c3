"""Where a form stood: the table as it was filtered, or the page of a case."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import request
from werkzeug.datastructures import MultiDict

from dunning.web.lists.filters import BadFilter, parse_filter
from dunning.web.request.answers import local_path, page_before
from dunning.web.request.scope import current_scope


def find_back() -> str:
    """The table as it was filtered, or the case's page; the whole table when that is not known."""
    table = current_scope().links.cases()
    target = local_path(request.values.get("back")) or page_before() or table
    path = urlsplit(target).path
    if is_table(target):
        return add_query(target)
    inside = path.removeprefix(f"{table}/")
    return path if inside != path and inside.isdigit() else table


def is_table(target: str) -> bool:
    """Whether an address of ours is the table."""
    return urlsplit(target).path == current_scope().links.cases()


def find_place(back: str, case_id: int, **opened: str) -> str:
    """Where a form is answered: the case's row in the table, or the page it stood on."""
    return f"{add_query(back, **opened)}#case-{case_id}" if is_table(back) else back


def close_panel(back: str) -> str:
    """Where the panel's Close leads; a panel that is a page of its own has none."""
    return back if is_table(back) else ""


def add_query(target: str, **added: str) -> str:
    """The address with parameters added and none open; its fragment goes."""
    parts = urlsplit(target)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != "open"]
    query = urlencode([*kept, *added.items()])
    return f"{parts.path}?{query}" if query else parts.path


def read_query(back: str) -> MultiDict[str, str]:
    """The table's parameters; of an address nobody can read any more none."""
    args: MultiDict[str, str] = MultiDict(parse_qsl(urlsplit(back).query))
    try:
        parse_filter(args, staff=current_scope().staff)
    except BadFilter:
        return MultiDict()
    return args
