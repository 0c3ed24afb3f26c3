"""Events of the platform that somebody should see: what came, what was made of it, and the button that tries again."""

import json
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, flash, render_template, request

from dunning.actions.orders.inbox import apply_again
from dunning.outside.platform.ipn import parse_event
from dunning.records import db
from dunning.records.queries.vendors.events import find_event
from dunning.running import current_settings
from dunning.web.admin.event_list import PATH, build_event_list, label_reason
from dunning.web.request.answers import page_before, see_other
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.texts import gettext as _

pages = Blueprint("admin_events", __name__)
pages.add_app_template_filter(label_reason, "event_reason")


@pages.get("/admin/events")
def show_events() -> str:
    """What needs a person, or with `state` what waits, was ignored, or was applied with fields nobody could read."""
    return render_template("admin/events.html", list=build_event_list(db.session(), request.args))


@pages.get("/admin/events/<int:event_id>")
def show_event(event_id: int) -> str:
    """One event: its body as it was sent, line by line, and what was read in it."""
    event = find_event(db.session(), event_id)
    if event is None:
        abort(404)
    texts = {name: write_json(part) for name, part in event.body.items()}
    return render_template("admin/event.html", event=event, texts=texts)


@pages.post("/admin/events/<int:event_id>")
def try_again(event_id: int) -> Response:
    """Applies it again; once per form, and one that was applied meanwhile stays as it is."""
    back, timezone = page_before() or "", current_settings().timezone
    back = back if urlsplit(back).path.startswith(PATH) else PATH
    apply_again(
        event_id, lambda body, at: parse_event(body, at, timezone), current_actor(back), current_desk()
    )
    flash(_("The event is applied again in a moment."))
    return see_other(back)


def write_json(part: object) -> str:
    """Indented, decimals as text: a float would change them. Word for word it stands below."""
    loaded = json.loads(part, parse_float=str, parse_constant=str) if isinstance(part, str) else part
    return json.dumps(loaded, indent=2, ensure_ascii=False).encode(errors="backslashreplace").decode()
