"""A dry run of a day on which the partner is told everything there is to tell: nobody outside hears of it."""

import dataclasses
import datetime as dt
import socket
from pathlib import Path
from typing import NoReturn

import pytest
from flask import Flask

from dunning.actions.at_partner.breaker import MOST_FAILURES, PARTNER
from dunning.actions.to_partner.answer_question import answer_question
from dunning.actions.to_partner.cancellation import request_cancellation
from dunning.actions.to_partner.hold_case import hold_case
from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.records.partner import Breaker
from tests.actions.at_partner.partner_says import cases_at_partner
from tests.actions.to_partner.partner_asks import ask
from tests.builders import a_case, a_desk, after, an_actor, order_of, pay
from tests.cli.test_dry_run import digest_tables, list_files, run

pytestmark = pytest.mark.usefixtures("quick_press")

DAY = after(40)
ONCE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
MESSAGES = {"partner_answer", "partner_cancel", "partner_hold", "partner_payment"}


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The ways to the network, cut; yields who tried. The database's driver has sockets of its own."""
    tried: list[object] = []

    def refuse(*words: object, **_options: object) -> NoReturn:
        tried.append(words)
        raise OSError("no network in a rehearsal")

    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse, raising=False)
    return tried


@pytest.fixture
def talkative_day(app: Flask) -> None:
    """Money, a hold, a cancellation, an answer and a claim for the partner, all of one day; it was away before."""
    paid, held, cancelled, asked = cases_at_partner(4)
    question_id = ask(asked)
    a_case("running", day=32, due_date=after(7))
    for _ in range(MOST_FAILURES):
        pay(order_of(paid).order_id, 10_00, DAY)
    hold_case(held, 14, an_actor(held), a_desk(DAY))
    request_cancellation(cancelled, "taught again", an_actor(cancelled, "support"), a_desk(DAY))
    answer_question(asked, question_id, "yes-no", {"value": "yes"}, an_actor(asked, "support"), a_desk(DAY))
    with transaction() as session:
        away = Breaker(name=PARTNER, failures=MOST_FAILURES, last_error="", since=ONCE, paused_until=ONCE)
        session.add(away)
    assert {kind for (kind,) in db.session.query(Effect.kind).filter_by(on_date=DAY)} == MESSAGES
    db.session.rollback()


@pytest.mark.parametrize("partner", ["", "https://api.partner.example/v1/", "file:{}/agency"])
def test_a_dry_run_asks_nobody_on_the_network(
    app: Flask, talkative_day: None, wires: list[object], partner: str, tmp_path: Path
) -> None:
    settings, before, files = app.config["SETTINGS"], digest_tables(), list_files(tmp_path)
    app.config["SETTINGS"] = dataclasses.replace(
        settings, partner_url=partner.format(tmp_path) or None, partner_contact="akten@inkasso.example"
    )
    told, _ = run(app.test_cli_runner(), "--on", DAY.isoformat(), "--dry")
    assert wires == []
    assert (told[0]["handover"], told[0]["failed"]) == (1, 0)
    assert (digest_tables(), list_files(tmp_path)) == (before, files)
