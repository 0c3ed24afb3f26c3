"""The worker's answer to the inbox bell: applies every event that is new."""

from flask import current_app

from dunning.actions.orders.take_events import apply_inbox
from dunning.clock import read_now
from dunning.desk import Desk
from dunning.jobs.bell import PATIENCE, answer_inbox, open_queue
from dunning.running import current_settings


def apply_events() -> None:
    """In an app context of its own. The bell is answered first: an event that comes in meanwhile rings again."""
    settings = current_settings()
    with current_app.app_context():
        answer_inbox(open_queue(settings, patience=PATIENCE))
        apply_inbox(Desk.at(settings, read_now()))
