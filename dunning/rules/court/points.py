"""What keeps an application for a Mahnbescheid from being filed: red points, with what to do about each."""

from collections.abc import Iterator

from dunning.rules.course.eligibility import check
from dunning.rules.course.points import N_, Point
from dunning.rules.court.courts import find_legal_form
from dunning.rules.facts import BuyerFacts, Facts
from dunning.rules.money.claim import Claim
from dunning.rules.policy import Policy

# points of the eligibility that a court asks for as well
SHARED_POINTS = (
    "not_test",
    "not_refunded",
    "not_cancelled",
    "open_amount",
    "currency",
    "no_dispute",
    "due_date_known",
    "name",
    "street",
    "house_number",
    "zipcode",
    "city",
    "country",
    "letters_sent",
    "deadline_passed",
    "not_time_barred",
)
# the way to money abroad; none of them goes through the German form
_ABROAD = {
    "AT": N_("Austria: the European order for payment (Regulation (EC) No 1896/2006) is the way there."),
    "CH": N_(
        "Switzerland: debt enforcement (Betreibung) at the debt office of the debtor's seat is the way."
    ),
    "LI": N_(
        "Liechtenstein: a payment order (Zahlbefehl) of the Fürstliches Landgericht in Vaduz is the way."
    ),
}


def check_filing(facts: Facts, policy: Policy, claim: Claim, *, court: bool, head: bool) -> tuple[Point, ...]:
    """The red points in the order of the form. `court`, `head`: whether the applicant's are known."""
    return (
        *_check_applicant(court=court, head=head),
        *_check_respondent(facts.buyer),
        *check(facts, policy, claim.on).red(SHARED_POINTS),
        *_check_principal(claim),
    )


def _check_applicant(*, court: bool, head: bool) -> Iterator[Point]:
    if not court:
        text = N_("The creditor's postcode does not tell which Land it lies in")
        fix = N_("Look the court up by the creditor's Land at mahngerichte.de.")
        yield Point("court", False, text, fix=fix)
    if not head:
        text = N_("Nobody is named who acts for the creditor")
        fix = N_("Write the managing director into creditor.register of the policy.")
        yield Point("applicant_head", False, text, fix=fix)


def _check_respondent(buyer: BuyerFacts) -> Iterator[Point]:
    country = buyer.country.strip().upper()
    if country and country != "DE":
        text = N_("The respondent's address is abroad: the German procedure is not the way (§ 688(3) ZPO)")
        yield Point("abroad", False, text, fix=_ABROAD.get(country, ""))
    if buyer.business:
        yield _ask_company(buyer.company)


def _ask_company(company: str) -> Point:
    """A court wants to know who acts for a company; an order never says it."""
    form = find_legal_form(company)
    if form is None:
        text = N_("The company's legal form is not known")
        return Point("respondent_form", False, text, fix=N_("Look the company up at handelsregister.de."))
    text = N_("%(form)s: who acts for the company is not known")
    if not form.head:
        text = N_("%(form)s: the owner's first and last name are needed")
    values = {"form": form.ending}
    return Point("respondent_head", False, text, values, fix=N_("Look the company up at handelsregister.de."))


def _check_principal(claim: Claim) -> Iterator[Point]:
    if claim.principal_left <= 0 < claim.total:
        text = N_("Only costs and interest are open: the form wants a principal claim")
        yield Point(
            "principal_left", False, text, fix=N_("They can be claimed as a principal claim of their own.")
        )
