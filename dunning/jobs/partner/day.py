"""The business days of a collection agency that takes files: a day's ZIP is closed before the next day is played.

With a partner that has an API nothing happens here.
"""

import datetime as dt

import structlog

from dunning.desk import Desk
from dunning.jobs.ways.channels import thread_channels
from dunning.outside.partner.answers import PartnerUnavailable
from dunning.outside.partner.port import Partner
from dunning.settings import Settings

log = structlog.get_logger()
# local time from which a look at the partner also closes the present day
DAY_ENDS = dt.time(18)


def begin_partner_day(settings: Settings, today: dt.date) -> None:
    """Closes the days before `today`. A folder that is away does not stop the day: the next look makes up for it."""
    try:
        log_problems(thread_channels(settings).partner.exchange_files(today))
    except PartnerUnavailable as error:
        log.warning("partner's files not exchanged", error=str(error))


def exchange_now(partner: Partner, desk: Desk) -> list[str]:
    """Closes what is over at the desk's moment and takes answer files; a line per problem with those.

    Raises PartnerUnavailable when the folder is away.
    """
    over = desk.local_now.time() >= DAY_ENDS
    return partner.exchange_files(desk.today, day_over=over)


def log_problems(lines: list[str]) -> None:
    """What was wrong with answer files, for whoever reads the log."""
    for line in lines:
        log.warning("answer file refused", problem=line)
