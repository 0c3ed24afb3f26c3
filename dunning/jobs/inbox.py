"""The worker's answers to the bells: what came in from the platform and from the partner.

Each in an app context of its own. A bell is answered first: what comes in meanwhile rings again.
"""

import structlog
from flask import current_app

from dunning.actions.orders.take_events import apply_inbox
from dunning.clock import read_now
from dunning.desk import Desk
from dunning.jobs.bell import PATIENCE, answer_inbox, answer_news, open_queue
from dunning.jobs.partner.day import exchange_now, log_problems
from dunning.jobs.partner.look import poll_partner
from dunning.jobs.partner.news import follow_deliveries
from dunning.jobs.ways.channels import thread_channels
from dunning.jobs.ways.line import watch_line
from dunning.outside.partner.answers import PartnerRefused, PartnerUnavailable
from dunning.running import current_settings

log = structlog.get_logger()


def apply_events() -> None:
    """Applies every event of the platform that is new."""
    settings = current_settings()
    with current_app.app_context():
        answer_inbox(open_queue(settings, patience=PATIENCE))
        apply_inbox(Desk.at(settings, read_now()))


def sync_partner() -> None:
    """A poll. A partner that is away is logged; the clock rings again."""
    settings = current_settings()
    with current_app.app_context():
        client, desk = thread_channels(settings).partner, Desk.at(settings, read_now())
        try:
            log_problems(exchange_now(client, desk))
            with watch_line(desk.now):
                poll_partner(client, desk)
        except (PartnerUnavailable, PartnerRefused) as error:
            log.warning("partner away", error=str(error))


def apply_deliveries() -> None:
    """Looks at what new webhooks are about."""
    settings = current_settings()
    with current_app.app_context():
        answer_news(open_queue(settings, patience=PATIENCE))
        follow_deliveries(thread_channels(settings).partner, Desk.at(settings, read_now()))
