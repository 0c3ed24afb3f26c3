"""Money the partner received: booked here once, taken back when it is gone there, ours left alone."""

from dataclasses import replace

import pytest

from dunning.actions.dossier.dossier import read_settings
from dunning.actions.people.change_settings import change_settings
from dunning.records import db
from dunning.records.orders import Payment
from dunning.records.partner import PartnerNews
from dunning.records.people import IncassoSettings
from dunning.work import Actor
from tests.actions.at_partner.partner_says import (
    a_partner_payment,
    cases_at_partner,
    find_mandate,
    hear,
    list_news,
)
from tests.builders import (
    a_desk,
    a_receivable,
    after,
    find_case,
    ledger_of,
    order_of,
    pay,
    play_until,
    read_case,
    read_case_dossier,
    read_history,
    read_order,
)

pytestmark = pytest.mark.usefixtures("quick_press")

# a chargeback has neither fee nor interest
CLAIM = 100_00


def money_of(case_id: int) -> list[tuple[str, int]]:
    """(kind, cents) of what the partner's news moved."""
    return [
        (entry.kind, entry.cents) for entry in read_case_dossier(case_id).entries if entry.source == "partner"
    ]


def test_a_payment_at_the_partner_is_booked_once_with_its_value_date(each_app) -> None:
    (case_id,) = cases_at_partner()
    for minute in range(3):
        hear(case_id, minute=minute, payments=(a_partner_payment(cents=40_00, on=after(38)),))
    assert ("payment", -40_00, after(38)) in ledger_of(read_case(case_id).receivable_id)
    assert money_of(case_id) == [("payment", -40_00)]
    row = db.session.query(Payment).one()
    assert (row.source, row.transaction_id, row.identity) == ("partner", "P1", "partner:P1")
    assert read_case(case_id).status == "handed_over"
    assert list_news(case_id) == [("payment", "4000")]


def test_a_payment_that_covers_the_claim_as_handed_over_pays_the_case(each_app) -> None:
    (case_id,) = cases_at_partner()
    hear(case_id, payments=(a_partner_payment(cents=CLAIM),))
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("paid", 0)


def test_what_is_paid_beyond_our_claim_is_for_the_partners_costs(each_app) -> None:
    (case_id,) = cases_at_partner()
    first, last = a_partner_payment(cents=30_00), a_partner_payment(2, 125_62)
    hear(case_id, payments=(first, last))
    assert money_of(case_id) == [("payment", -30_00), ("payment", -70_00)]
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("paid", 0)
    hear(case_id, minute=1, payments=(first, last, a_partner_payment(3, 5_00)))
    hear(case_id, minute=2, payments=(first, last, a_partner_payment(3, 5_00)))
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("paid", 0)
    hear(case_id, minute=3, payments=(first,))
    assert money_of(case_id)[2:] == [("chargeback", 70_00)]
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("handed_over", 70_00)


def test_interest_since_the_handover_is_still_ours(each_app) -> None:
    receivable_id = a_receivable()
    play_until(after(36))
    case_id = find_case(receivable_id)
    hear(case_id, payments=(a_partner_payment(cents=200_00, on=after(40)),))
    case = read_case(case_id)
    assert (case.status, case.outstanding_cents) == ("paid", 0)
    assert read_case_dossier(case_id).read_facts().entries[-1].kind in ("payment", "interest")
    assert not [entry for entry in read_case_dossier(case_id).entries if entry.kind == "remainder_forgiven"]


def test_what_we_reported_ourselves_is_not_booked_again(each_app) -> None:
    (case_id,) = cases_at_partner()
    hear(case_id, payments=(a_partner_payment(reference="0f3a"),))
    assert money_of(case_id) == []


def test_what_went_along_with_the_claim_is_not_booked_again(each_app) -> None:
    receivable_id = a_receivable()
    play_until(after(20))
    pay(read_order(receivable_id).order_id, 20_00, after(20))
    play_until(after(36))
    case_id = find_case(receivable_id)
    assert read_case(case_id).status == "handed_over"
    told = a_partner_payment(cents=20_00, on=after(20))
    hear(case_id, payments=(told, a_partner_payment(2, 20_00, on=after(20))))
    assert money_of(case_id) == [("payment", -20_00)]


def test_fully_paid_at_the_end_books_what_the_list_leaves_open(each_app) -> None:
    (case_id,) = cases_at_partner(vendor={"remainder": "pursue"})
    ended = {"processing_state": "ended", "payment_state": "fully_paid"}
    for minute in range(2):
        hear(case_id, minute=minute, payments=(a_partner_payment(cents=90_00),), **ended)
    case = read_case(case_id)
    assert (case.status, case.outstanding_cents) == ("paid", 0)
    assert money_of(case_id) == [("payment", -90_00), ("payment", -10_00)]
    assert [kind for kind, _ in list_news(case_id)].count("rest") == 1


def test_fully_paid_with_every_cent_listed_needs_no_word(each_app) -> None:
    (case_id,) = cases_at_partner()
    ended = {"processing_state": "ended", "payment_state": "fully_paid"}
    hear(case_id, payments=(a_partner_payment(cents=CLAIM),), **ended)
    assert read_case(case_id).status == "paid"
    assert money_of(case_id) == [("payment", -CLAIM)]


def test_money_the_list_dates_ahead_is_no_rest_and_pays_the_case_on_its_day(each_app) -> None:
    (case_id,) = cases_at_partner()
    ended = {"processing_state": "ended", "payment_state": "fully_paid"}
    hear(case_id, payments=(a_partner_payment(cents=CLAIM, on=after(42)),), **ended)
    assert read_case(case_id).status == "handed_over"
    assert money_of(case_id) == [("payment", -CLAIM)]
    play_until(after(42))
    assert (read_case(case_id).status, money_of(case_id)) == ("paid", [("payment", -CLAIM)])


@pytest.mark.parametrize(("auto", "status"), [(True, "running"), (False, "awaiting_approval")])
def test_money_dated_ahead_that_goes_back_after_the_partners_end_brings_the_case_back(
    each_app, auto, status
) -> None:
    (case_id,) = cases_at_partner()
    settings = db.session.get_one(IncassoSettings, read_case(case_id).vendor_id)
    change_settings(
        settings.user_id,
        replace(read_settings(settings), auto_chargebacks=auto),
        Actor("system"),
        a_desk(after(1)),
    )
    ended = {"processing_state": "ended", "payment_state": "fully_paid"}
    hear(case_id, payments=(a_partner_payment(cents=CLAIM, on=after(45)),), **ended)
    hear(case_id, minute=1, on=after(41), payments=(), **ended)
    case = read_case(case_id)
    assert (case.status, case.round, case.ended_on) == (status, 2, None)
    change = next(row for row in reversed(read_history(case_id)) if row.to_status)
    assert (change.verb, change.from_status) == ("charge_back", "handed_over")
    if auto:
        play_until(after(47))
        assert [s.round for s in read_case_dossier(case_id).steps if s.kind == "handover"] == [1, 2]


@pytest.mark.parametrize("left", [0, 15_00])
def test_a_payment_that_goes_back_at_the_partner_goes_back_here(each_app, left) -> None:
    (case_id,) = cases_at_partner()
    hear(case_id, payments=(a_partner_payment(cents=CLAIM),))
    now = (a_partner_payment(cents=left),) if left else ()
    for minute in (1, 2):
        hear(case_id, minute=minute, on=after(41), payments=now)
    assert money_of(case_id) == [("payment", -CLAIM), ("chargeback", CLAIM - left)]
    assert read_case(case_id).status == "handed_over"
    assert list_news(case_id) == [("payment", str(CLAIM)), ("payment_returned", str(left))]


def test_money_that_goes_back_while_the_partner_takes_its_work_up_again_stays_there(each_app) -> None:
    (case_id,) = cases_at_partner()
    paid = (a_partner_payment(cents=CLAIM),)
    hear(case_id, payments=paid, processing_state="ended", payment_state="fully_paid")
    assert read_case(case_id).status == "paid"
    hear(case_id, minute=1, on=after(41), payments=(), processing_state="in_progress")
    case = read_case(case_id)
    assert (case.status, case.round, find_mandate(case_id).ended_on) == ("handed_over", 1, None)


def test_a_list_that_is_not_there_is_no_list_without_payments(each_app) -> None:
    (case_id,) = cases_at_partner()
    hear(case_id, payments=(a_partner_payment(),))
    hear(case_id, minute=1, payments=None)
    assert money_of(case_id) == [("payment", -50_00)]


def test_what_is_larger_or_in_other_money_is_a_persons_to_look_at(each_app) -> None:
    (case_id,) = cases_at_partner()
    foreign = a_partner_payment(2, 10_00, currency="CHF")
    hear(case_id, payments=(a_partner_payment(), foreign))
    hear(case_id, minute=1, payments=(a_partner_payment(cents=60_00), foreign))
    assert money_of(case_id) == [("payment", -50_00)]
    kinds = [row.kind for row in db.session.query(PartnerNews).order_by(PartnerNews.id)]
    assert kinds == ["payment", "other_currency", "payment_larger"]


def test_money_back_at_the_partner_is_booked_as_money_back(each_app) -> None:
    (case_id,) = cases_at_partner()
    hear(case_id, payments=(a_partner_payment(), a_partner_payment(2, -20_00)))
    assert money_of(case_id) == [("payment", -50_00), ("chargeback", 20_00)]


def test_a_payment_of_a_case_that_is_over_is_recorded_and_changes_no_status(each_app) -> None:
    (case_id,) = cases_at_partner()
    hear(case_id, processing_state="canceled_by_service_provider")
    hear(
        case_id,
        minute=1,
        processing_state="canceled_by_service_provider",
        payments=(a_partner_payment(cents=CLAIM),),
    )
    assert read_case(case_id).status == "cancelled"
    assert money_of(case_id) == [("payment", -CLAIM)]


def test_a_payment_to_us_and_one_to_the_partner_both_count(each_app) -> None:
    (case_id,) = cases_at_partner()
    pay(order_of(case_id).order_id, 60_00, after(39))
    hear(case_id, payments=(a_partner_payment(cents=40_00),))
    assert read_case(case_id).status == "paid"
