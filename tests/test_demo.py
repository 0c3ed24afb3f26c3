"""Demonstration data: every state is there, made by the real verbs, and only where nothing else is."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from dunning import create_app
from dunning.actions.case.correct_address import Address, correct_address
from dunning.actions.case.start import start_case
from dunning.actions.dossier.dossier import read_dossiers
from dunning.actions.people.passwords import find_user
from dunning.clock import read_now
from dunning.demo.load import DemoRefused, load_demo
from dunning.demo.people import KURS, LOGINS, PASSWORD, WERKSTATT, find_actor
from dunning.desk import Desk
from dunning.machine.prepare import prepare_database
from dunning.migrations.commands import upgrade_schema
from dunning.records import db
from dunning.records.cases import Case, Letter, Step
from dunning.records.journal import History
from dunning.records.orders import Buyer, Order, Receivable
from dunning.records.partner import CancellationRequest, Hold, Mandate
from dunning.records.people import User, Vendor
from dunning.records.queries.checks.invariants import list_violations
from dunning.rules.course.eligibility import START_POINTS, check
from dunning.rules.statuses import STORED
from dunning.sandbox.tables import SandboxClaim, SandboxMandate
from dunning.settings import Settings
from tests.conftest import QuickPress
from tests.midnight import Daily

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Daily[Settings]:
    return Daily(lambda: start_first(tmp_path_factory.mktemp("demo")))


@pytest.fixture
def home(homes: Daily[Settings]) -> Settings:
    """The demonstration as it stands today."""
    return homes.get()


def start_first(folder: Path) -> Settings:
    """What a first start leaves behind; nothing listens where its mail server and partner are said to be."""
    environ = {
        "DUNNING_HOME": str(folder),
        "SMTP_URL": "smtp://127.0.0.1:9",
        "PARTNER_URL": "https://127.0.0.1:9",
        "PARTNER_TOKEN": "never sent",
    }
    settings = Settings.from_environment(environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dunning.jobs.ways.channels.LetterPress", QuickPress)
        said: list[str] = []
        assert prepare_database(settings, said.append)
    assert said == ["First start: loading demo data, this takes about half a minute."]
    return settings


@pytest.fixture
def demo(home: Settings) -> Iterator[Flask]:
    """The app on the demonstration; tests only read it."""
    app = create_app(home)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def today(settings: Settings) -> dt.date:
    return settings.local_day(read_now())


def count(query) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def test_some_hundred_cases_stand_in_every_status(demo: Flask) -> None:
    found = dict(db.session.execute(select(Case.status, func.count()).group_by(Case.status)).all())
    assert set(found) == set(STORED)
    assert sum(found.values()) >= 180


def test_both_vendors_have_cases_of_their_own(demo: Flask) -> None:
    for vendor_id in (KURS, WERKSTATT):
        assert count(select(Case).where(Case.vendor_id == vendor_id)) >= 50


def test_some_receivables_are_overdue_without_a_case(demo: Flask, home: Settings) -> None:
    overdue = select(Receivable).outerjoin(Case).where(Case.id.is_(None), Receivable.paid_cents == 0)
    assert count(overdue.where(Receivable.due_date < today(home))) >= 20
    assert count(overdue.where(Receivable.due_date >= today(home))) >= 10


def test_blocked_cases_show_different_reasons(demo: Flask) -> None:
    reasons = set(db.session.scalars(select(Case.blocked_reason).where(Case.status == "blocked")))
    assert reasons == {"dispute", "promise", "unsure"}


def test_failed_cases_keep_their_reasons_and_the_partners_words(demo: Flask) -> None:
    failed = db.session.scalars(select(Case).where(Case.status == "failed")).all()
    reasons = {reason for case in failed for reason in case.failure_reasons}
    assert {"house_number", "zipcode", "country", "rejected"} <= reasons
    assert any(case.failure_note for case in failed)


def test_a_claim_is_under_review_and_one_is_asked_about(demo: Flask) -> None:
    assert count(select(Case).where(Case.claim_in_review)) == 2
    states = set(db.session.scalars(select(SandboxClaim.submission_state)))
    assert states == {"accepted", "rejected", "under_review", "client_response_pending"}


def test_a_request_to_end_a_claim_waits_for_support_and_a_vips_is_with_the_partner(demo: Flask) -> None:
    query = select(CancellationRequest.vendor_id, CancellationRequest.state)
    assert set(db.session.execute(query).all()) == {(WERKSTATT, "waiting"), (KURS, "sent")}


def test_a_case_at_the_partner_is_on_hold_and_the_partner_knows(demo: Flask, home: Settings) -> None:
    (hold,) = db.session.scalars(select(Hold)).all()
    assert hold.case.hold_until == hold.until > today(home)
    assert hold.acknowledged_at


def test_what_the_partner_has_ended_is_over_in_its_own_books_too(demo: Flask) -> None:
    over = select(Case).where(Case.status.in_(("closed", "cancelled")), Case.mandate_id.is_not(None))
    cases = db.session.scalars(over).all()
    assert {case.status for case in cases} == {"closed", "cancelled"}
    for case in cases:
        for query in (
            select(Mandate.processing_state).where(Mandate.mandate_id == case.mandate_id),
            select(SandboxMandate.processing_state).where(SandboxMandate.id == case.mandate_id),
        ):
            assert db.session.scalars(query).one() in ("ended", "canceled_by_service_provider")


def test_plans_chargebacks_businesses_and_neighbouring_countries_are_there(demo: Flask) -> None:
    assert count(select(Receivable).where(Receivable.charged_back_on.is_not(None))) >= 3
    assert count(select(Order).where(Order.rates > 1)) >= 3
    assert count(select(Buyer).where(Buyer.company != "")) >= 5
    countries = set(db.session.scalars(select(Buyer.country)))
    assert {"DE", "AT", "CH"} <= countries


def test_amounts_go_from_a_cent_to_more_than_ten_thousand_euros(demo: Flask) -> None:
    least, most = db.session.execute(
        select(func.min(Case.outstanding_cents), func.max(Case.outstanding_cents)).where(
            Case.status != "paid", Case.outstanding_cents > 0
        )
    ).one()
    assert least < 100
    assert most > 10_000_00


def test_every_open_case_that_runs_has_a_next_step_soon(demo: Flask, home: Settings) -> None:
    days = db.session.scalars(
        select(Receivable.next_step_on)
        .join(Case)
        .where(Case.status == "running", Receivable.next_step_on.is_not(None))
    ).all()
    assert len(days) >= 15
    assert all(today(home) <= day <= today(home) + dt.timedelta(days=40) for day in days)


def test_history_and_letters_carry_the_hour_of_their_day(demo: Flask, home: Settings) -> None:
    for row in db.session.scalars(select(History)):
        assert row.recorded_at.astimezone(home.timezone).date() == row.on_date
    for letter in db.session.scalars(select(Letter)):
        assert letter.created_at.astimezone(home.timezone).date() == letter.on_date


def test_the_promises_of_the_house_hold(demo: Flask, home: Settings) -> None:
    assert list(list_violations(db.session(), home.policy, read_now())) == []


def test_nothing_left_the_machine(demo: Flask, home: Settings) -> None:
    done = count(select(Step).where(Step.kind == "payment_reminder", Step.state == "done"))
    assert len(list((home.home / "mail").glob("*.eml"))) > done > 50


def test_everybody_can_log_in_with_the_printed_password(demo: Flask) -> None:
    for login in LOGINS:
        user = find_user(db.session(), login.email, PASSWORD)
        assert user is not None
        assert (user.role, user.vendor_id) == (login.role, login.vendor_id)


def test_a_red_case_can_be_started_once_its_address_is_complete(demo: Flask, home: Settings) -> None:
    desk = Desk.at(home, read_now(), delay=dt.timedelta(seconds=30))
    red = select(Case.id, Case.receivable_id).where(
        Case.status == "awaiting_approval", Case.vendor_id == WERKSTATT
    )
    case_id, buyer = next(
        (case_id, file.buyer)
        for case_id, receivable_id in db.session.execute(red).all()
        for file in read_dossiers(db.session(), [receivable_id])
        if [point.key for point in check(file.read_facts(), home.policy, desk.today).red(START_POINTS)]
        == ["house_number"]
    )
    address = Address(buyer.street, "7", "", buyer.zipcode, buyer.city, buyer.country)
    actor = find_actor("vendor", WERKSTATT)
    correct_address(case_id, address, actor, desk)
    start_case(case_id, actor, desk)
    assert db.session.get_one(Case, case_id).status == "running"


def test_it_is_not_loaded_twice(demo: Flask, home: Settings) -> None:
    with pytest.raises(DemoRefused, match="vendors already"):
        load_demo(home, read_now())
    assert demo.test_cli_runner().invoke(args=["demo", "load"]).exit_code == 1
    assert count(select(Vendor)) == 2


def test_a_later_start_finds_it_and_leaves_it(home: Settings) -> None:
    said: list[str] = []
    assert prepare_database(home, said.append)
    assert said == []


def test_it_is_refused_in_production(settings: Settings) -> None:
    with pytest.raises(DemoRefused, match="development only"):
        load_demo(replace(settings, environment="production"), read_now())


def test_a_database_in_production_is_migrated_and_stays_empty(settings: Settings, tmp_path) -> None:
    fresh = replace(settings, environment="production", database_url=f"sqlite:///{tmp_path}/fresh.db")
    assert not prepare_database(fresh, lambda _line: None)
    with create_app(fresh).app_context():
        assert count(select(User)) == 0
        db.engine.dispose()


def test_a_first_start_that_broke_off_is_begun_anew(settings: Settings, tmp_path, monkeypatch) -> None:
    url = f"sqlite:///{tmp_path}/first.db"
    fresh = replace(settings, database_url=url)

    def break_off(half_done: Settings, *_: object) -> None:
        with create_app(half_done).app_context():
            upgrade_schema()
            db.engine.dispose()
        raise KeyboardInterrupt

    monkeypatch.setattr("dunning.machine.prepare.load_demo", break_off)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            prepare_database(fresh, lambda _line: None)
        assert not (tmp_path / "first.db").exists()
