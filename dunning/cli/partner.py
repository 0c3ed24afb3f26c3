"""`flask partner sync`."""

import json
from dataclasses import asdict

import click
from flask.cli import AppGroup

from dunning.cli.desk import current_settings, open_desk
from dunning.jobs.channels import thread_channels
from dunning.jobs.partner_look import poll_partner
from dunning.outside.partner_answers import PartnerRefused, PartnerUnavailable

partner = AppGroup("partner", help="The collection partner.")


@partner.command("sync")
def sync() -> None:
    """Look at everything the partner has; one JSON object says what was found. Exit 1 when the partner is away."""
    try:
        tally = poll_partner(thread_channels(current_settings()).partner, open_desk())
    except (PartnerUnavailable, PartnerRefused) as error:
        raise click.ClickException(f"the partner cannot be had: {error}") from error
    click.echo(json.dumps(asdict(tally)))
