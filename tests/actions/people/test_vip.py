"""A vendor's privilege: put and ended by staff, noted once, and idle when it is so already."""

import pytest
from sqlalchemy import select

from dunning.actions.dossier.refusals import NotFound
from dunning.actions.people.people import change_vip
from dunning.records import db
from dunning.records.journal import History
from dunning.records.people import Vendor
from dunning.work import Actor
from tests.builders import a_desk, a_user, a_vendor

pytestmark = pytest.mark.usefixtures("each_app")


def test_only_a_change_is_noted() -> None:
    vendor_id, admin = a_vendor(), Actor("admin", a_user("admin"))
    seen = []
    for vip in (False, True, True, False):
        change_vip(vendor_id, vip, admin, a_desk())
        seen.append(db.session.get_one(Vendor, vendor_id, populate_existing=True).vip)
        db.session.rollback()
    assert seen == [False, True, True, False]
    query = select(History.verb, History.user_id).where(History.vendor_id == vendor_id).order_by(History.id)
    noted = [tuple(row) for row in db.session.execute(query)]
    assert noted == [("make_vip", admin.user_id), ("end_vip", admin.user_id)]


def test_nobody_is_made_a_vip_who_is_no_vendor() -> None:
    with pytest.raises(NotFound):
        change_vip(1, True, Actor("admin", a_user("admin")), a_desk())
