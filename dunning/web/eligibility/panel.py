"""The eligibility panel: for any receivable the green and red points, and the form that mends what is red."""

import datetime as dt
from dataclasses import dataclass

from dunning.actions.dossier.dossier import Dossier
from dunning.desk import Desk
from dunning.rules.course.eligibility import ADDRESS_POINTS, START_POINTS, Eligibility, check, check_unknown
from dunning.rules.course.points import Point
from dunning.rules.facts import Facts
from dunning.rules.gates import starts_handover
from dunning.rules.statuses import (
    AWAITING_APPROVAL,
    BEFORE_HANDOVER,
    FAILED,
    READY_FOR_HANDOVER,
    TERMINAL,
    VENDOR,
    allowed_verbs,
)
from dunning.rules.terms import SECOND_LETTER, CaseStatus
from dunning.web.eligibility.address_form import check_address, fill_address, list_countries
from dunning.web.eligibility.point_views import PointBoard, arrange_points
from dunning.web.request.form import Form
from dunning.web.request.texts import gettext as _
from dunning.web.request.texts import ngettext
from dunning.web.words.formats import write_day

STARTABLE = (AWAITING_APPROVAL, FAILED, READY_FOR_HANDOVER)


@dataclass(frozen=True)
class Panel:
    """The whole panel. `key` is the case's id; where there is no case, order ID and rate."""

    key: str
    heading: str
    summary: str
    board: PointBoard
    checked_at: dt.datetime
    case_id: int | None = None
    may_start: bool = False  # by the status
    startable: bool = False  # by the points
    asks_first: bool = False
    address: Form | None = None
    countries: tuple[tuple[str, str], ...] = ()
    close_url: str = ""  # set where the panel stands below a row


def build_panel(
    dossier: Dossier,
    desk: Desk,
    *,
    address: Form | None = None,
    close_url: str = "",
    staff: bool = False,
) -> Panel:
    """The panel of a receivable, with or without a case. `address` is what was typed and refused."""
    case, found = dossier.case, check(dossier.read_facts(), desk.policy, desk.today)
    status = case.status if case else None
    board = arrange_points(found)
    correctable = not staff and case is not None and status in BEFORE_HANDOVER and not case.claim_in_review
    if address is None and correctable and found.address_incomplete:
        address = fill_address(dossier.read_facts().buyer)
        check_address(address, dossier.read_facts(), desk)
    return Panel(
        key=str(case.id) if case else f"{dossier.order.order_id}-{dossier.receivable.rate_number}",
        heading=write_heading(found, status, at_hand=asks_first(dossier.read_facts())),
        summary=write_summary(board),
        board=board,
        checked_at=desk.now,
        case_id=case.id if case else None,
        may_start=not staff and "start" in allowed_verbs(status, VENDOR),
        startable=found.may_start,
        asks_first=asks_first(dossier.read_facts()),
        address=address,
        countries=list_countries(desk.policy.claims.countries, dossier.buyer.country),
        close_url=close_url,
    )


def asks_first(facts: Facts) -> bool:
    """Whether Start would hand the claim over at once."""
    case, letters_out = facts.case, facts.done(SECOND_LETTER) is not None
    return case is not None and starts_handover(
        case.status, facts.scheme, chargeback=case.chargeback, letters_out=letters_out
    )


def build_unknown_panel(desk: Desk) -> Panel:
    """The panel for an order ID nobody knows."""
    board = arrange_points(check_unknown())
    return Panel("unknown", _("Not in dunning: no such order"), write_summary(board), board, desk.now)


def write_heading(found: Eligibility, status: CaseStatus | None, *, at_hand: bool = False) -> str:
    """The answer in one sentence."""
    red = found.red(START_POINTS)
    if status is None:
        return _describe_absence(found, red)
    if status in TERMINAL:
        return _("This case has ended")
    if red or not found.one_way_in:
        return _describe_red(red, waiting=status in STARTABLE)
    if at_hand:
        return _("Everything is there: with Start the claim goes to collection")
    return _("Everything is there: Start is possible") if status in STARTABLE else _("All conditions are met")


def _describe_absence(found: Eligibility, red: tuple[Point, ...]) -> str:
    if found.may_open:
        return _("Appears in dunning with the next run")
    if found.appears_on:
        return _("Appears in dunning on %(day)s", day=write_day(found.appears_on))
    return _("Not in dunning: %(what)s", what=_count_red(red))


def _describe_red(red: tuple[Point, ...], *, waiting: bool) -> str:
    what = _count_red(red)
    if red and all(point.key in ADDRESS_POINTS for point in red):
        what = ngettext(
            "%(num)s detail of the address is missing", "%(num)s details of the address are missing", len(red)
        )
    return _("Start is not possible yet: %(what)s", what=what) if waiting else what


def _count_red(red: tuple[Point, ...]) -> str:
    return ngettext("%(num)s point is red", "%(num)s points are red", max(len(red), 1))


def write_summary(board: PointBoard) -> str:
    """How many points are red, how many green, how many wait for the handover."""
    red, later = board.count("bad"), board.count("off")
    words = [_("%(count)s red", count=red), _("%(count)s green", count=board.green)]
    return ", ".join([*words, _("%(count)s later", count=later)] if later else words)
