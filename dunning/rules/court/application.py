"""The application for a Mahnbescheid (§ 690 ZPO): every field of its form, and what is missing before it can be filed.

The order is that of the online form (online-mahnantrag.de): court, representative, applicant, respondent, principal
claim, interest, side claims, general statements. Amounts are integer cents, days local dates. Nothing is filed here:
the form has no interface, a person copies the sheet.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from dunning.rules.calendar import ONE_DAY
from dunning.rules.course.points import Point
from dunning.rules.court.courts import (
    SALE,
    SERVICE,
    CatalogueEntry,
    Court,
    LegalForm,
    find_court,
    find_head,
    find_legal_form,
    name_trial_court,
)
from dunning.rules.court.points import check_filing
from dunning.rules.facts import Facts
from dunning.rules.gates import COURT
from dunning.rules.money.claim import Claim, compute_claim, sum_entries
from dunning.rules.money.costs import USUAL_RATE, collection_fee, court_fee, credit_lump_sum
from dunning.rules.money.limitation import judge_limitation
from dunning.rules.partner.handover import list_charges
from dunning.rules.policy import Policy
from dunning.rules.statuses import HANDED_OVER, TERMINAL
from dunning.rules.terms import FEE_KINDS, HANDOVER

# what the partner asks for the court's sake is not on our ledger
COLLECTION_COSTS = "collection"


@dataclass(frozen=True)
class Party:
    """Applicant or respondent. `head` acts for a company, as `form.head`; a person has neither."""

    name: str
    street: str
    zipcode: str
    city: str
    country: str
    company: bool
    form: LegalForm | None = None
    head: str = ""


@dataclass(frozen=True)
class CourtInterest:
    """Interest on the principal, in points above the base rate (§ 288 BGB).

    It runs from `first_day`; None = from the service of the Mahnbescheid (§ 291 BGB). What a payment has covered in
    part is computed up to the day of the sheet: `computed` cents for the days `computed_from` to `computed_to`.
    """

    points: int
    first_day: dt.date | None
    computed: int = 0
    computed_from: dt.date | None = None
    computed_to: dt.date | None = None


@dataclass(frozen=True)
class SideClaim:
    """What is owed beside the principal: a kind of the ledger's, or "collection". Cents."""

    kind: str
    cents: int


@dataclass(frozen=True, kw_only=True)
class CourtClaim:
    """The application on a day. `court` None: the applicant's seat does not tell which. `red` is what is missing."""

    on: dt.date
    court: Court | None
    representative: str
    applicant: Party
    respondent: Party
    catalogue: CatalogueEntry
    principal: int
    interest: CourtInterest
    side_claims: tuple[SideClaim, ...]
    # None before the first table of fees
    court_fee: int | None
    trial_court: str
    # the last day before limitation: by then the application must have reached the court
    last_day: dt.date | None
    red: tuple[Point, ...]

    @property
    def total(self) -> int:
        """What the Mahnbescheid will demand, without the interest that is still running."""
        side = sum(claim.cents for claim in self.side_claims)
        return self.principal + self.interest.computed + side + (self.court_fee or 0)


def may_show(facts: Facts, *, staff: bool) -> bool:
    """The vendor's court scheme; support also sees it of whatever was handed over or has ended."""
    status = facts.case.status if facts.case else ""
    wanted = facts.case is not None and facts.scheme == COURT
    return wanted or (staff and (status == HANDED_OVER or status in TERMINAL or bool(facts.done(HANDOVER))))


def prepare_application(facts: Facts, policy: Policy, on: dt.date) -> CourtClaim:
    """All fields from the ledger and the policy as they stand on the day."""
    claim = compute_claim(facts, policy, on)
    court = find_court(policy.creditor.country, policy.creditor.zipcode)
    applicant, respondent = describe_applicant(policy), describe_respondent(facts)
    limitation = judge_limitation(facts.due_date, facts.entries, on)
    return CourtClaim(
        on=on,
        court=court,
        representative=policy.partner.name if facts.case and facts.case.status == HANDED_OVER else "",
        applicant=applicant,
        respondent=respondent,
        catalogue=SERVICE if facts.order.plan == "abonnement" else SALE,
        principal=claim.principal_left,
        interest=claim_interest(facts, policy, claim),
        side_claims=tuple(list_side_claims(facts, policy, claim)),
        court_fee=court_fee(claim.principal_left, on),
        trial_court=name_trial_court(claim.principal_left, on),
        last_day=limitation.last_day if limitation else None,
        red=check_filing(
            facts, policy, claim, court=bool(court), head=bool(applicant.head or not _needs_head(applicant))
        ),
    )


def _needs_head(party: Party) -> bool:
    return party.form is None or bool(party.form.head)


def describe_applicant(policy: Policy) -> Party:
    """The creditor; who acts for it stands in its letters' footer."""
    creditor = policy.creditor
    return Party(
        name=creditor.name,
        street=f"{creditor.street} {creditor.house_number}".strip(),
        zipcode=creditor.zipcode,
        city=creditor.city,
        country=creditor.country,
        company=True,
        form=find_legal_form(creditor.name),
        head=find_head(creditor.register),
    )


def describe_respondent(facts: Facts) -> Party:
    """The buyer; of a company nobody has told us who acts for it."""
    buyer = facts.buyer
    return Party(
        name=buyer.name,
        street=", ".join(
            filter(None, (f"{buyer.street} {buyer.house_number}".strip(), buyer.details.strip()))
        ),
        zipcode=buyer.zipcode,
        city=buyer.city,
        country=buyer.country.upper(),
        company=buyer.business,
        form=find_legal_form(buyer.company) if buyer.business else None,
    )


def claim_interest(facts: Facts, policy: Policy, claim: Claim) -> CourtInterest:
    """Running from the start while no payment touched it; else computed to today and running from tomorrow."""
    points = policy.interest_points(business=facts.buyer.business)
    steady = all(segment.principal == claim.principal_left for segment in claim.segments)
    if claim.interest_from is None or (steady and claim.interest_left == claim.interest):
        return CourtInterest(points, claim.interest_from)
    return CourtInterest(
        points, claim.on + ONE_DAY, claim.interest_left, find_unpaid_day(facts, claim), claim.on
    )


def find_unpaid_day(facts: Facts, claim: Claim) -> dt.date | None:
    """The first day whose interest is unpaid: a payment that reached the principal had covered all before its day.

    Money that was taken back owes old interest again: then from the start.
    """
    start = claim.interest_from
    taken_back = any(entry.kind == "chargeback" for entry in facts.entries)
    if start is None or taken_back:
        return start
    return max((start, *(a.value_date for a in claim.allocations if a.principal or a.surplus)))


def list_side_claims(facts: Facts, policy: Policy, claim: Claim) -> Iterator[SideClaim]:
    """What is left of the costs, payments taken off the oldest first, and the partner's costs after a handover."""
    known = [entry for entry in facts.entries if entry.value_date <= claim.on]
    charges = sorted((c for c in list_charges(known) if c.kind in FEE_KINDS), key=lambda charge: charge.on)
    covered = sum(charge.cents for charge in charges) - claim.costs_left
    for charge in charges:
        used = min(covered, charge.cents)
        covered -= used
        if charge.cents > used:
            yield SideClaim(charge.kind, charge.cents - used)
    lump_sum = sum(charge.cents for charge in charges if charge.kind == "lump_sum")
    if costs := estimate_collection(facts, policy, lump_sum):
        yield SideClaim(COLLECTION_COSTS, costs)


def estimate_collection(facts: Facts, policy: Policy, lump_sum: int) -> int:
    """The most an agency may take for a claim it got (§ 13e(1) RDG, VV 2300 at 0.9), beyond a business's lump sum.

    The lump sum is credited against it (§ 288(5) sentence 3 BGB). Nothing without a handover.
    """
    handover = facts.done(HANDOVER)
    if handover is None or handover.done_on is None:
        return 0
    fee = collection_fee(
        sum_entries(facts.entries, handover.done_on).open_principal,
        USUAL_RATE,
        handover.done_on,
        undisputed=not facts.disputed,
        with_vat=not policy.creditor.input_tax_entitled,
    )
    return credit_lump_sum(lump_sum, fee.gross) - lump_sum if fee else 0
