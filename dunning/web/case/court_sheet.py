"""The Mahnantrag's data sheet in words, in the order of the online form; page and PDF are written from the same lines.

The form is German: its terms stay German in every language and are explained beside. Amounts and days are written in
the reader's language.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from dunning.rules.course.points import Point
from dunning.rules.court.application import COLLECTION_COSTS, CourtClaim, Party
from dunning.rules.facts import Facts
from dunning.rules.money.reference import group_reference
from dunning.rules.policy import Policy
from dunning.web.case.court_lines import Line, Part, write_line, write_part
from dunning.web.request.language import read_language
from dunning.web.request.texts import gettext as _
from dunning.web.words.formats import write_country, write_day, write_money
from dunning.web.words.point_labels import POINT_LABELS, describe_fix, describe_point

OWN_LABELS = {
    "court": _l("Court"),
    "applicant_head": _l("Applicant"),
    "abroad": _l("Address abroad"),
    "respondent_form": _l("Legal form"),
    "respondent_head": _l("Legal representative"),
    "principal_left": _l("Principal"),
}
SIDE_TERMS = {
    "fee": ("Mahnkosten", "Dunning costs"),
    "lump_sum": ("Andere Nebenforderung: Verzugspauschale", "Other side claim: lump sum for default"),
    "return_fee": ("Bankrücklastkosten", "Bank's return fee"),
    COLLECTION_COSTS: ("Inkassokosten", "Collection costs"),
}


@dataclass(frozen=True)
class Missing:
    """A red point: its name, what was seen, what to do."""

    label: str
    text: str
    fix: str


@dataclass(frozen=True)
class Sheet:
    """Everything that is printed, written down."""

    language: str
    order_id: str
    day: str
    parts: list[Part]
    missing: list[Missing]
    hints: list[str]


def write_sheet(claim: CourtClaim, facts: Facts, policy: Policy, reference: str) -> Sheet:
    """`reference` is the creditor reference printed in the letters."""
    return Sheet(
        language=read_language(),
        order_id=facts.order.order_id,
        day=write_day(claim.on),
        parts=[
            _write_court(claim),
            _write_representative(claim),
            _write_applicant(claim, policy, reference),
            _write_respondent(claim.respondent),
            _write_principal(claim, facts),
            _write_interest(claim),
            _write_side_claims(claim),
            _write_general(claim),
            _write_total(claim),
        ],
        missing=[_write_missing(point) for point in claim.red],
        hints=_write_hints(claim),
    )


def _write_missing(point: Point) -> Missing:
    label = OWN_LABELS.get(point.key) or POINT_LABELS[point.key]
    return Missing(str(label), describe_point(point), describe_fix(point))


def _write_court(claim: CourtClaim) -> Part:
    court = claim.court
    address = f"{court.name}, {court.zipcode} {court.city}" if court else ""
    fee = write_money(claim.court_fee) if claim.court_fee is not None else ""
    return write_part(
        "Zuständiges Mahngericht",
        "Dunning court",
        write_line("Gericht", "Court", address, _("by the applicant's seat (§ 689(2) ZPO)"), german=True),
        write_line(
            "Gerichtskosten",
            "Court fee",
            fee,
            _("KV 1100 GKG on the principal alone; the court sends a bill"),
        ),
    )


def _write_representative(claim: CourtClaim) -> Part:
    note = _("A registered agency files for itself, machine-readably (§ 702(2) ZPO).")
    name = claim.representative
    line = write_line("Name", "Name", name or "keiner", note if name else "", german=not name)
    return write_part("Prozessbevollmächtigter", "Representative in court", line)


def _write_party(party: Party, head_note: str = "") -> list[Line]:
    """Name to country, as both parties have them."""
    form = party.form.ending if party.form else ""
    head = f"{party.head} ({party.form.head})" if party.head and party.form else party.head
    company = [
        write_line("Firma", "Company", party.name),
        write_line("Rechtsform", "Legal form", form, german=True),
        write_line("Gesetzlicher Vertreter", "Legal representative", head, "" if head else head_note),
    ]
    person = [
        write_line(
            "Anrede", "Salutation", "Frau / Herr", _("not known here: choose in the form"), german=True
        ),
        write_line("Vor- und Nachname", "First and last name", party.name),
    ]
    return [
        *(company if party.company else person),
        write_line("Straße, Hausnummer", "Street, number", party.street),
        write_line("PLZ, Ort", "Postcode, city", f"{party.zipcode} {party.city}".strip()),
        write_line("Land", "Country", write_country(party.country) if party.country else ""),
    ]


def _write_applicant(claim: CourtClaim, policy: Policy, reference: str) -> Part:
    entitled = "berechtigt" if policy.creditor.input_tax_entitled else "nicht berechtigt"
    return write_part(
        "Antragsteller",
        "Applicant",
        *_write_party(claim.applicant),
        write_line("Vorsteuerabzug", "Deduction of input tax", entitled, german=True),
        write_line("IBAN", "IBAN", group_reference(policy.creditor.iban)),
        write_line("Geschäftszeichen", "File reference", group_reference(reference)),
    )


def _write_respondent(party: Party) -> Part:
    note = _("name and function, from the commercial register")
    return write_part("Antragsgegner", "Respondent", *_write_party(party, note))


def _write_principal(claim: CourtClaim, facts: Facts) -> Part:
    order, rate = facts.order, f", Rate {facts.rate_number}/{facts.order.rates}"
    reason = f"Bestellung {order.order_id}{rate if order.rates > 1 else ''}"
    number = f"{claim.catalogue.number} {claim.catalogue.name}"
    note = _("43 for goods delivered, 5 for a service, when that says it better")
    return write_part(
        "Hauptforderung",
        "Principal claim",
        write_line("Katalog-Nr.", "Catalogue number", number, note, german=True),
        write_line("Begründung, Nr.", "Reason, number", reason, order.product_name, german=True),
        write_line("vom", "of", write_day(order.order_date)),
        write_line("Betrag", "Amount", write_money(claim.principal)),
    )


def _write_interest(claim: CourtClaim) -> Part:
    interest = claim.interest
    since = write_day(interest.first_day) if interest.first_day else "Zustellung des Mahnbescheids"
    computed = None
    if interest.computed and interest.computed_from and interest.computed_to:
        first, last = write_day(interest.computed_from), write_day(interest.computed_to)
        computed = write_line(
            "Ausgerechnete Zinsen",
            "Interest computed",
            write_money(interest.computed),
            _("%(first)s to %(last)s, payments taken off", first=first, last=last),
        )
    rate = f"{interest.points} Prozentpunkte über dem Basiszinssatz, jährlich"
    law = _("§ 288(2) BGB") if claim.respondent.company else _("§ 288(1) BGB")
    return write_part(
        "Zinsen",
        "Interest",
        computed,
        write_line("Laufende Zinsen", "Running interest", rate, law, german=True),
        write_line("aus Betrag", "on", write_money(claim.principal)),
        write_line("ab", "from", since, german=interest.first_day is None),
    )


def _write_side_claims(claim: CourtClaim) -> Part:
    collection = _("at most this much (§ 13e RDG, VV 2300 at 0.9); the partner's bill counts")
    if any(side.kind == "lump_sum" for side in claim.side_claims):
        collection += "; " + _("the lump sum is credited (§ 288(5) BGB)")
    lines = [
        write_line(
            *SIDE_TERMS[side.kind],
            write_money(side.cents),
            collection if side.kind == COLLECTION_COSTS else "",
        )
        for side in claim.side_claims
    ]
    none = write_line("Nebenforderungen", "Side claims", "keine", german=True)
    return write_part("Auslagen und Nebenforderungen", "Expenses and side claims", *(lines or [none]))


def _write_general(claim: CourtClaim) -> Part:
    counter = "Der Anspruch hängt von einer Gegenleistung ab; diese ist bereits erbracht."
    confirmed = _("whoever signs confirms it (§ 690(1) no. 4 ZPO)")
    wish = "Ich beantrage, aufgrund der vorstehenden Angaben einen Mahnbescheid zu erlassen."
    return write_part(
        "Allgemeine Angaben",
        "General statements",
        write_line("Gegenleistung", "Counter-performance", counter, confirmed, german=True),
        _write_trial_court(claim),
        write_line("Streitiges Verfahren", "Case after an objection", "auf gesonderten Antrag", german=True),
        write_line("Erklärung", "Declaration", wish, german=True),
        write_line(
            "Ort, Datum, Unterschrift", "Place, date, signature", "", _("in the online form or on its print")
        ),
    )


def _write_trial_court(claim: CourtClaim) -> Line:
    place = f"{claim.respondent.zipcode} {claim.respondent.city}".strip()
    court = f"{claim.trial_court}, {place}" if place else ""
    note = _("the one responsible for this place (§ 690(1) no. 5 ZPO)")
    return write_line("Prozessgericht", "Court if the respondent objects", court, note, german=True)


def _write_total(claim: CourtClaim) -> Part:
    note = _("with the court's fee, without the interest still running")
    return write_part(
        "Summe", "Total", write_line("Gesamtbetrag", "Total amount", write_money(claim.total), note)
    )


def _write_hints(claim: CourtClaim) -> list[str]:
    limitation = _(
        "Time-barred after %(day)s: the application must reach the court by then (§ 204(1) no. 3 BGB, § 167 ZPO).",
        day=write_day(claim.last_day) if claim.last_day else "",
    )
    return [
        *([limitation] if claim.last_day else []),
        _("After service the respondent can object for two weeks (§ 692 ZPO)."),
        _("Then apply for the enforcement order within six months of service (§§ 699, 701 ZPO)."),
        _(
            "Nothing is filed from here: the form at online-mahnantrag.de has no interface. This is no legal advice."
        ),
    ]
