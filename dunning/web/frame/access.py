"""Who may what: one table. An endpoint without an entry keeps the app from starting."""

from urllib.parse import quote

from flask import Flask, Response, abort, request, url_for
from flask_login import current_user

from dunning.web.request.answers import answer_repeated, see_other
from dunning.web.request.current import ADMIN as ADMIN_ROLE
from dunning.web.request.current import SUPPORT as SUPPORT_ROLE
from dunning.web.request.current import VENDOR as VENDOR_ROLE

PUBLIC: frozenset[str] = frozenset()
VENDOR = frozenset({VENDOR_ROLE})
STAFF = frozenset({SUPPORT_ROLE, ADMIN_ROLE})
ADMIN = frozenset({ADMIN_ROLE})
ANYONE = VENDOR | STAFF

# Whoever is not in an endpoint's set gets the 404 of a page that does not exist.
ACCESS = {
    "static": PUBLIC,
    "auth.go_home": PUBLIC,
    "auth.show_login": PUBLIC,
    "auth.log_in": PUBLIC,
    "auth.log_out": PUBLIC,
    "password.ask_reset": PUBLIC,
    "password.send_link": PUBLIC,
    # the token in the address is what lets them in
    "password.show_reset": PUBLIC,
    "password.save_password": PUBLIC,
    "health.answer_alive": PUBLIC,
    "health.answer_ready": PUBLIC,
    "theme.choose_theme": PUBLIC,
    # no person: the signature is what lets them in
    "ipn.take_event": PUBLIC,
    "bounce.take_bounce": PUBLIC,
    "partner_webhook.take_delivery": PUBLIC,
    # the case pages: a vendor's own at the root, all vendors' under /admin
    "cases.show_table": VENDOR,
    "staff.cases.show_table": STAFF,
    "cases.show_csv": VENDOR,
    "staff.cases.show_csv": STAFF,
    "cases.show_eligibility": VENDOR,
    "staff.cases.show_eligibility": STAFF,
    "case.show_case": VENDOR,
    "staff.case.show_case": STAFF,
    "case.show_progress": VENDOR,
    "staff.case.show_progress": STAFF,
    "cancellation.send": VENDOR,
    "staff.cancellation.send": STAFF,
    "hold.hold": VENDOR,
    "staff.hold.hold": STAFF,
    "letters.show_letter": VENDOR,
    "staff.letters.show_letter": STAFF,
    "letters.show_thumbnail": VENDOR,
    "staff.letters.show_thumbnail": STAFF,
    "letters.show_preview": VENDOR,
    "staff.letters.show_preview": STAFF,
    "mahnantrag.show_sheet": VENDOR,
    "staff.mahnantrag.show_sheet": STAFF,
    "mahnantrag.show_pdf": VENDOR,
    "staff.mahnantrag.show_pdf": STAFF,
    "notes.add": VENDOR,
    "staff.notes.add": STAFF,
    "orders.show_order": VENDOR,
    "staff.orders.show_order": STAFF,
    # what only the vendor does with its case
    "case_actions.show_row": VENDOR,
    "case_actions.ask_start": VENDOR,
    "case_actions.start": VENDOR,
    "case_actions.cancel": VENDOR,
    "case_actions.undo": VENDOR,
    "case_actions.save_address": VENDOR,
    "cancellation_question.ask": VENDOR,
    "settings.show_settings": VENDOR,
    "settings.save_settings": VENDOR,
    "admin_case_actions.change_status": STAFF,
    "admin_case_actions.block": STAFF,
    "admin_case_actions.unblock": STAFF,
    "admin_case_actions.dispute": STAFF,
    "admin_case_actions.save_address": STAFF,
    "admin_payments.show_payments": STAFF,
    "admin_payments.assign": STAFF,
    "admin_payments.dismiss": STAFF,
    "admin_payments.book": STAFF,
    "admin_payments.reverse": STAFF,
    "admin_letters.show_letters": STAFF,
    "admin_letters.show_print_file": STAFF,
    "admin_letters.prepare_print": STAFF,
    "admin_letters.post_all": STAFF,
    "admin_letters.post_one": STAFF,
    "admin_requests.show_requests": STAFF,
    "admin_requests.decide": STAFF,
    "admin_mail.show_mail": STAFF,
    "admin_mail.decide": STAFF,
    "admin_mail.repeat_all": STAFF,
    "admin_questions.show_questions": STAFF,
    "admin_questions.answer": STAFF,
    "admin_events.show_events": STAFF,
    "admin_events.show_event": STAFF,
    "admin_events.try_again": STAFF,
    "admin_vendors.show_vendors": STAFF,
    "admin_vendors.show_vendor": STAFF,
    "admin_vendors.change_vip": STAFF,
    "admin_vendors.send_portal_reset": STAFF,
    # the partner's own desk, in development only: no login of ours is needed at somebody else's desk
    "sandbox_page.show_claims": PUBLIC,
    "sandbox_page.show_one": PUBLIC,
    "sandbox_page.accept_one": PUBLIC,
    "sandbox_page.reject_one": PUBLIC,
    "sandbox_page.do_one": PUBLIC,
    "sandbox_page.pause_one": PUBLIC,
    "sandbox_page.withdraw_one": PUBLIC,
    "sandbox_page.book_one": PUBLIC,
    "sandbox_page.return_one": PUBLIC,
    "sandbox_page.ask_one": PUBLIC,
    "sandbox_page.decide_one": PUBLIC,
}


def guard_endpoints(app: Flask) -> None:
    """Enforces the table. RuntimeError names what it does not know, so that no page opens by forgetting."""
    forgotten = sorted(set(app.view_functions) - set(ACCESS))
    if forgotten:
        raise RuntimeError(f"no entry in web/frame/access.py: {', '.join(forgotten)}")
    app.before_request(check_access)


def check_access() -> Response | None:
    """Strangers are asked to log in; a role the table does not name sees a 404.

    A form that this person has sent before is shown what came of it, here, so that no view can forget to ask.
    """
    allowed = ACCESS[request.endpoint] if request.endpoint else PUBLIC
    if not allowed:
        return None
    if not current_user.is_authenticated:
        return ask_login()
    if current_user.role not in allowed:
        abort(404)
    return answer_repeated()


def ask_login() -> Response:
    """The login page, which leads back here; htmx is told to leave the page it is on."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    target = url_for("auth.show_login") + (f"?next={quote(wanted)}" if wanted else "")
    if "HX-Request" not in request.headers:
        return see_other(target)
    return Response(status=204, headers={"HX-Redirect": url_for("auth.show_login")})
