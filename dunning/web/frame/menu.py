"""The main menu: what the reader's role has, as far as this build has the page; and what all staff must know."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from dunning.records import db
from dunning.records.queries.letters.mails import count_undecided
from dunning.records.queries.partner.questions import count_questions
from dunning.records.queries.partner.requests import count_waiting
from dunning.records.queries.vendors.events import count_stuck
from dunning.web.request.current import current_person
from dunning.web.words.formats import has_page, on_page


@dataclass(frozen=True)
class MenuEntry:
    """One link of the menu; `waiting`: how many things behind it wait for a person."""

    label: str
    url: str
    current: bool
    waiting: int


# endpoint, label; an entry is current on every page of its blueprint, and on these
_CASE = ("case.", "hold.", "cancellation.", "mahnantrag.", "notes.")
KIN = {
    "cases.show_table": ("case_actions.", "cancellation_question.", *_CASE),
    "staff.cases.show_table": ("admin_case_actions.", *(f"staff.{name}" for name in _CASE)),
}
VENDOR_MENU = (
    ("cases.show_table", _l("Cases")),
    ("overview.show_overview", _l("Overview")),
    ("orders.show_order", _l("Look-up")),
    ("settings.show_settings", _l("Settings")),
)
STAFF_MENU = (
    ("staff.cases.show_table", _l("Cases")),
    ("admin_payments.show_payments", _l("Payments")),
    ("admin_requests.show_requests", _l("Terminations")),
    ("admin_letters.show_letters", _l("Post")),
    ("admin_mail.show_mail", _l("E-mail")),
    ("admin_questions.show_questions", _l("Questions")),
    ("admin_events.show_events", _l("Events")),
    ("admin_vendors.show_vendors", _l("Vendors")),
    ("staff.orders.show_order", _l("Look-up")),
)
COUNTERS: dict[str, Callable[[Session], int]] = {
    "admin_mail.show_mail": count_undecided,
    "admin_requests.show_requests": count_waiting,
    "admin_questions.show_questions": count_questions,
    "admin_events.show_events": count_stuck,
}


def add_menu(app: Flask) -> None:
    """Gives templates `menu()`."""
    app.jinja_env.globals.update(menu=list_menu)


def list_menu() -> list[MenuEntry]:
    """The entries for the person who is logged in."""
    entries = STAFF_MENU if current_person().staff else VENDOR_MENU
    return [
        MenuEntry(
            str(label),
            url_for(endpoint),
            on_page(endpoint.rpartition(".")[0] + ".", *KIN.get(endpoint, ())),
            COUNTERS[endpoint](db.session()) if endpoint in COUNTERS else 0,
        )
        for endpoint, label in entries
        if has_page(endpoint)
    ]
