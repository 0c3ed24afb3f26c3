"""A vendor as support sees it: settings to read, VIP, logins, cases, and the partner's portal."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, render_template, request, url_for

from dunning.actions.dossier.refusals import NotFound
from dunning.actions.people.people import change_vip as put_vip
from dunning.actions.people.portal import send_reset
from dunning.desk import Desk
from dunning.records import db
from dunning.records.queries.vendors.vendor import find_vendors, read_vendor
from dunning.web.admin.vendor_view import VendorView
from dunning.web.lists.filters import parse_filter
from dunning.web.request.answers import see_other
from dunning.web.request.current import current_actor, current_desk
from dunning.web.request.texts import gettext as _
from dunning.work import Actor

pages = Blueprint("admin_vendors", __name__)
MOST_LISTED = 100


@pages.get("/admin/vendors")
def show_vendors() -> str:
    """Vendors by user ID, name or e-mail address."""
    text = parse_filter(request.args).text
    found = find_vendors(db.session(), text, MOST_LISTED)
    return render_template("admin/vendors.html", vendors=found, text=text, full=len(found) == MOST_LISTED)


@pages.get("/admin/vendors/<int:vendor_id>")
def show_vendor(vendor_id: int) -> str:
    """The vendor's page; 404 when there is none."""
    found = read_vendor(db.session(), vendor_id)
    if found is None:
        raise NotFound(vendor_id)
    return render_template("admin/vendor.html", view=VendorView(found, current_desk()), vendor=found.vendor)


@pages.post("/admin/vendors/<int:vendor_id>/vip")
def change_vip(vendor_id: int) -> Response:
    """`vip` is 1 for yes, 0 or nothing for no."""
    vip = request.form.get("vip", "").strip() not in ("", "0")

    def put(actor: Actor, desk: Desk) -> str:
        put_vip(vendor_id, vip, actor, desk)
        return _("This vendor is a VIP now.") if vip else _("This vendor is no VIP any more.")

    return act(vendor_id, put)


@pages.post("/admin/vendors/<int:vendor_id>/portal-reset")
def send_portal_reset(vendor_id: int) -> Response:
    """The link for a new password of the partner's portal, by mail to the vendor; at most once in a minute."""

    def send(actor: Actor, desk: Desk) -> str:
        if send_reset(vendor_id, actor, desk):
            return _("The link for the portal's password is on its way to the vendor.")
        return _("The link was sent a moment ago. It can be sent again in a minute.")

    return act(vendor_id, send)


def act(vendor_id: int, verb: Callable[[Actor, Desk], str]) -> Response:
    """Does it once per form, says what came of it, and goes back to the vendor's page."""
    location = url_for("admin_vendors.show_vendor", vendor_id=vendor_id)
    flash(verb(current_actor(location), current_desk()))
    return see_other(location)
