"""Why is this order (not) in dunning? For any vendor's order, with or without a case."""

from flask import Blueprint, render_template

from dunning.web.eligibility.orders import read_order, read_order_id
from dunning.web.request.current import current_desk

pages = Blueprint("admin_eligibility", __name__)


@pages.get("/admin/eligibility")
def show_order() -> str:
    """The same answer the vendor gets, for all vendors."""
    return render_template("orders/page.html", view=read_order(read_order_id(), None, current_desk()))
