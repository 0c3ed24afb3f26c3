"""`flask vendor …` and `flask user …`."""

import sys

import click
from flask.cli import AppGroup

from dunning.actions.dossier.refusals import NotFound
from dunning.actions.people.change_settings import change_settings
from dunning.actions.people.passwords import hash_password
from dunning.actions.people.people import Exists, add_user, add_vendor
from dunning.cli.desk import open_desk
from dunning.rules.cents import parse_amount
from dunning.rules.gates import REMAINDERS, Settings
from dunning.rules.mail_address import email_ok
from dunning.rules.terms import USER_ROLES, UserRole
from dunning.work import Actor

OPERATOR = Actor("system")
vendor = AppGroup("vendor", help="Vendors and their settings.")
user = AppGroup("user", help="People who log in.")


def check_email(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Click callback: refuses what cannot be written to."""
    if not email_ok(value):
        raise click.BadParameter(f"{value!r} is not an e-mail address")
    return value


def read_euros(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    """Click callback: cents from `100`, `100.50` or `1.234,56`."""
    try:
        cents = parse_amount(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if cents < 0:
        raise click.BadParameter("must not be negative")
    return cents


@vendor.command("add")
@click.option("--id", "vendor_id", type=click.IntRange(1), required=True, help="The platform's user ID.")
@click.option("--name", required=True)
@click.option("--email", required=True, callback=check_email)
@click.option("--vip", is_flag=True)
@click.option("--ipn-secret")
def add_one_vendor(vendor_id: int, name: str, email: str, vip: bool, ipn_secret: str | None) -> None:
    """Add a vendor; nothing starts before a scheme is chosen."""
    try:
        add_vendor(vendor_id, name, email, open_desk(), vip=vip, ipn_secret=ipn_secret)
    except Exists as error:
        raise click.ClickException(str(error)) from error


@vendor.command("settings")
@click.option("--id", "vendor_id", type=int, required=True)
@click.option("--scheme", type=click.IntRange(0, 3), required=True)
@click.option("--automatic/--review", required=True)
@click.option(
    "--threshold", default="0", callback=read_euros, help="Euros; handed over by itself when over this."
)
@click.option("--auto-chargebacks/--no-auto-chargebacks", default=False)
@click.option("--remainder", type=click.Choice(REMAINDERS), default="forgive_small")
def set_settings(
    vendor_id: int, scheme: int, automatic: bool, threshold: int, auto_chargebacks: bool, remainder: str
) -> None:
    """Set a vendor's settings; the operator's way around the 30 days, written to the history."""
    wanted = Settings(scheme, not automatic, threshold, auto_chargebacks, remainder)
    try:
        change_settings(vendor_id, wanted, OPERATOR, open_desk(), override=True)
    except NotFound as error:
        raise click.ClickException(f"vendor {vendor_id} does not exist") from error


@user.command("add")
@click.argument("email", callback=check_email)
@click.option("--role", type=click.Choice(USER_ROLES), required=True)
@click.option("--vendor", "vendor_id", type=int, help="Needed for, and only for, the role vendor.")
@click.option("--name", default="")
@click.option(
    "--password-stdin",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Read the password from standard input.",
)
def add_one_user(email: str, role: UserRole, vendor_id: int | None, name: str) -> None:
    """Add a login."""
    if (role == "vendor") != (vendor_id is not None):
        raise click.UsageError("--vendor is needed for, and only for, --role vendor")
    password = sys.stdin.readline().rstrip("\r\n")
    try:
        password_hash = hash_password(password)
        add_user(email, password_hash, role, open_desk(), vendor_id=vendor_id, name=name)
    except NotFound as error:
        raise click.ClickException(f"vendor {vendor_id} does not exist") from error
    except (Exists, ValueError) as error:
        raise click.ClickException(str(error)) from error
