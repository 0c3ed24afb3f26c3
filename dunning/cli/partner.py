"""`flask partner sync`."""

import json
from dataclasses import asdict

import click
from flask.cli import AppGroup

from dunning.cli.desk import current_settings, open_desk
from dunning.jobs.channels import thread_channels
from dunning.jobs.partner_day import exchange_now
from dunning.jobs.partner_look import poll_partner
from dunning.outside.partner_answers import PartnerRefused, PartnerUnavailable

partner = AppGroup("partner", help="The collection partner.")


@partner.command("sync")
def sync() -> None:
    """Look at everything the partner has; one JSON object says what was found.

    Exit 1 when the partner is away, or when an answer file was refused: then one line per problem on standard error.
    """
    client, desk = thread_channels(current_settings()).partner, open_desk()
    try:
        problems = exchange_now(client, desk)
        tally = poll_partner(client, desk)
    except (PartnerUnavailable, PartnerRefused) as error:
        raise click.ClickException(f"the partner cannot be had: {error}") from error
    click.echo(json.dumps(asdict(tally)))
    for line in problems:
        click.echo(line, err=True)
    if problems:
        raise SystemExit(1)
