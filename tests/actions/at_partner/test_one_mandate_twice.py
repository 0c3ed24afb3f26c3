"""Two claims of ours answered with one file number: the second is refused loudly, the first is left alone."""

import datetime as dt

import pytest
from flask import Flask

from dunning import effects
from dunning.actions.at_partner.hand_over import accept_claim
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.errand import StepErrand
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_user,
    a_vendor,
    after,
    empty_queue,
    find_case,
    find_effect,
    order_of,
    read_case,
    read_history,
)
from tests.web.world import text_of

pytestmark = pytest.mark.usefixtures("quick_press")
TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}


def test_a_claim_answered_with_another_claims_mandate_is_refused_and_shown(each_app: Flask) -> None:
    first = a_case("handed_over")
    mandate = read_case(first).mandate_id
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), last_name="SLOW-Muster", **TAKEN_BACK)
    run_day(a_desk(after(40)))
    empty_queue()
    second = find_case(receivable_id)
    assert read_case(second).claim_in_review
    later = read_now() + dt.timedelta(minutes=10)
    errand = effects.take(find_effect("handover").id, later, later.date())
    assert isinstance(errand, StepErrand)
    accept_claim(errand, a_desk(after(41)), "CL-2", mandate)

    case, row = read_case(second), read_history(second)[-1]
    assert (case.status, case.mandate_id, case.claim_in_review) == ("failed", None, False)
    assert (row.verb, row.reason) == ("fail", "mandate_taken")
    assert find_effect("handover").state == "done"
    assert (read_case(first).status, read_case(first).mandate_id) == ("handed_over", mandate)
    staff = each_app.test_client()
    staff.login_as(a_user("support"))
    page = text_of(staff.get(f"/admin/cases/{second}").text)
    assert "ein Aktenzeichen gegeben, das zu einer anderen Forderung gehört" in page
    assert f"CL-2 · {mandate} · {order_of(first).order_id}" in page
    assert "einer anderen Forderung" in text_of(staff.get("/admin/cases?status=failed").text)
