"""The list of pages. A new one is a blueprint here and a line for each endpoint in `access`.

The case pages are written once and stand at two addresses: at the root for vendors, under /admin for staff.
"""

from flask import Blueprint

from dunning.web.account import password, settings
from dunning.web.admin import case_actions as admin_case_actions
from dunning.web.admin import events as admin_events
from dunning.web.admin import letters as admin_letters
from dunning.web.admin import mail as admin_mail
from dunning.web.admin import payments as admin_payments
from dunning.web.admin import questions as admin_questions
from dunning.web.admin import requests as admin_requests
from dunning.web.admin import vendors as admin_vendors
from dunning.web.case import cancellation, hold, letters, mahnantrag, notes
from dunning.web.case import page as case_page
from dunning.web.doors import bounce, health, ipn, partner_webhook
from dunning.web.eligibility import orders
from dunning.web.table import actions as case_actions
from dunning.web.table import pages as cases

STAFF = Blueprint("staff", __name__, url_prefix="/admin")
SHARED = (
    cases.pages,
    case_page.pages,
    cancellation.pages,
    hold.pages,
    letters.pages,
    mahnantrag.pages,
    notes.pages,
)
for shared in SHARED:
    STAFF.register_blueprint(shared)
STAFF.register_blueprint(orders.pages, url_prefix="/eligibility")

PAGES: tuple[Blueprint, ...] = (
    health.pages,
    ipn.pages,
    bounce.pages,
    partner_webhook.pages,
    *SHARED,
    STAFF,
    cancellation.vendor_pages,
    case_actions.pages,
    orders.pages,
    password.pages,
    settings.pages,
    admin_case_actions.pages,
    admin_letters.pages,
    admin_mail.pages,
    admin_payments.pages,
    admin_requests.pages,
    admin_questions.pages,
    admin_events.pages,
    admin_vendors.pages,
)
