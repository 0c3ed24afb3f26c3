"""`flask partner sync` and `flask partner webhook`."""

import json
from dataclasses import asdict

import click
from flask.cli import AppGroup

from dunning.cli.desk import open_desk
from dunning.jobs.carry.carry import carry_out
from dunning.jobs.partner.day import exchange_now
from dunning.jobs.partner.look import poll_partner
from dunning.jobs.ways.channels import thread_channels
from dunning.jobs.ways.line import watch_line
from dunning.outside.partner.answers import PartnerRefused, PartnerUnavailable
from dunning.records.database import db
from dunning.records.queries.partner.looks import list_reviewed
from dunning.rules.partner.news import EVENTS
from dunning.running import current_settings

partner = AppGroup("partner", help="The collection partner.")


@partner.command("sync")
def sync() -> None:
    """Look at everything the partner has; one JSON object says what was found.

    Exit 1 when the partner is away, or when an answer file was refused: then one line per problem on standard error.
    """
    client, desk = thread_channels(current_settings()).partner, open_desk()
    try:
        problems = exchange_now(client, desk)
        with watch_line(desk.now):
            tally = poll_partner(client, desk)
        ask_reviewed()
    except (PartnerUnavailable, PartnerRefused) as error:
        raise click.ClickException(f"the partner cannot be had: {error}") from error
    click.echo(json.dumps(asdict(tally)))
    for line in problems:
        click.echo(line, err=True)
    if problems:
        raise SystemExit(1)


@partner.command("webhook")
def register() -> None:
    """Have the partner send its news to PUBLIC_URL, and print the key they are signed with: it is told this once.

    The key belongs into PARTNER_WEBHOOK_SECRET, the one before into PARTNER_WEBHOOK_SECRET_OLD until it is not used any
    more.
    """
    settings = current_settings()
    names = [f"{about}.{what}" for about, whats in EVENTS.items() for what in whats]
    try:
        secret = thread_channels(settings).partner.register_webhook(
            f"{settings.public_url}/partner/webhook", names, "Mahnlauf"
        )
    except (PartnerUnavailable, PartnerRefused) as error:
        raise click.ClickException(f"the partner did not take the address: {error}") from error
    click.echo(secret)


def ask_reviewed() -> None:
    """Claims under review are asked after here and now: a command needs no worker."""
    waiting = list_reviewed(db.session())
    db.session.rollback()
    for effect_id in waiting:
        carry_out(effect_id)
