"""However often a handover breaks off, the partner ends up with exactly one released claim."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from dunning.outside.partner.answers import PartnerRefused, PartnerUnavailable
from dunning.outside.partner.client import PartnerClient
from dunning.outside.partner.talk import HandoverTalk, Outcome, advance_handover, judge_claim
from dunning.records import transaction
from dunning.sandbox.tables import SandboxClaim
from tests.outside.partner.partner_server import (
    LETTERS,
    FaultyServer,
    a_handover,
    count_documents,
    make_sandbox,
    read_states,
    talk_to,
)

Kept = dict[str, Any]


class Killed(Exception):
    """The worker died here."""


@pytest.fixture
def sandbox(tmp_path: Path) -> Flask:
    return make_sandbox(tmp_path)


def hand_over(client: PartnerClient, kept: Kept, last_name: str = "Muster") -> Outcome:
    """Goes on with what was kept, and keeps what is learned."""
    return advance_handover(client, a_handover(last_name), LETTERS, kept, kept.update)


def count_saves(sandbox: Flask) -> int:
    saves: list[Kept] = []
    with talk_to(sandbox) as client:
        advance_handover(client, a_handover(), LETTERS, {}, saves.append)
    return len(saves)


def die_at(number: int, kept: Kept, *, keeping: bool) -> Callable[[Kept], None]:
    """A save that kills at the n-th call, before or after it has kept."""
    left = [number]

    def save(evidence: Kept) -> None:
        left[0] -= 1
        if left[0] or keeping:
            kept.update(evidence)
        if not left[0]:
            raise Killed

    return save


def test_a_claim_is_handed_over_with_both_letters_and_accepted(sandbox: Flask) -> None:
    kept: Kept = {}
    with talk_to(sandbox) as client:
        outcome = hand_over(client, kept)
        mandate = client.get_mandate(outcome.mandate_id or "")
    assert (outcome.state, outcome.submission_state, outcome.reasons) == ("accepted", "accepted", ())
    assert (mandate.reference_number, mandate.processing_state) == ("SB-000001", "in_progress")
    assert (read_states(sandbox), count_documents(sandbox)) == (["accepted"], 2)
    assert kept["claim_id"] == outcome.claim_id
    assert kept["released"] is True


@pytest.mark.parametrize(
    ("last_name", "state", "word"),
    [
        ("REJECT-Muster", "rejected", "rejected"),
        ("SLOW-Muster", "review", "under_review"),
        ("QUESTION-Muster", "review", "client_response_pending"),
    ],
)
def test_the_partner_may_reject_take_time_or_ask(
    sandbox: Flask, last_name: str, state: str, word: str
) -> None:
    with talk_to(sandbox) as client:
        outcome = hand_over(client, {}, last_name)
    assert (outcome.state, outcome.submission_state, outcome.mandate_id) == (state, word, None)
    assert bool(outcome.reasons) == (state == "rejected")


def test_a_released_claim_is_only_asked_for(sandbox: Flask) -> None:
    server, kept = FaultyServer(sandbox), dict[str, Any]()
    with talk_to(server) as client:
        hand_over(client, kept, "SLOW-Muster")
        server.calls.clear()
        hand_over(client, kept, "SLOW-Muster")
    assert [call.split()[0] for call in server.calls] == ["GET"]


def test_a_release_whose_answer_was_lost_is_known_as_released_later(sandbox: Flask) -> None:
    server, kept = FaultyServer(sandbox, [*[None] * 5, "drop"]), dict[str, Any]()
    with talk_to(server) as client:
        with pytest.raises(PartnerUnavailable):
            hand_over(client, kept, "SLOW-Muster")
        assert "released" not in kept
        hand_over(client, kept, "SLOW-Muster")
    assert (kept["released"], kept["submission_state"]) == (True, "under_review")


def test_what_the_partner_calls_the_review_is_kept_when_it_changes(sandbox: Flask) -> None:
    server, kept = FaultyServer(sandbox), dict[str, Any]()
    with talk_to(server) as client:
        hand_over(client, kept, "SLOW-Muster")
        with sandbox.app_context(), transaction() as session:
            session.get_one(SandboxClaim, 1).submission_state = "client_response_pending"
        hand_over(client, kept, "SLOW-Muster")
    assert kept["submission_state"] == "client_response_pending"


@pytest.mark.parametrize("keeping", [False, True], ids=["before the commit", "after the commit"])
@pytest.mark.parametrize("number", range(1, 6))
def test_killed_at_any_save_it_goes_on_to_one_claim(sandbox: Flask, number: int, keeping: bool) -> None:
    kept: Kept = {}
    with talk_to(sandbox) as client:
        with pytest.raises(Killed):
            advance_handover(client, a_handover(), LETTERS, {}, die_at(number, kept, keeping=keeping))
        outcome = hand_over(client, kept)
    assert (outcome.state, read_states(sandbox), count_documents(sandbox)) == ("accepted", ["accepted"], 2)


def test_the_kills_above_cover_every_save(sandbox: Flask) -> None:
    assert count_saves(sandbox) == 5


@pytest.mark.parametrize("fault", ["drop", "html", "late", "down"])
@pytest.mark.parametrize("step", range(6), ids=["ask", "debtor", "claim", "first", "second", "release"])
def test_a_lost_answer_anywhere_leaves_one_claim(sandbox: Flask, fault: str, step: int) -> None:
    server, kept = FaultyServer(sandbox, [None] * step + [fault]), dict[str, Any]()
    with talk_to(server) as client:
        with pytest.raises(PartnerUnavailable) as unavailable:
            hand_over(client, kept)
        assert not unavailable.value.safe
        outcome = hand_over(client, kept)
    assert (outcome.state, read_states(sandbox), count_documents(sandbox)) == ("accepted", ["accepted"], 2)


def test_an_outage_of_many_tries_leaves_one_claim(sandbox: Flask) -> None:
    server, kept = FaultyServer(sandbox, [None, None, "drop", *["down"] * 20]), dict[str, Any]()
    with talk_to(server) as client:
        for _ in range(21):
            with pytest.raises(PartnerUnavailable):
                hand_over(client, kept)
        hand_over(client, kept)
    assert read_states(sandbox) == ["accepted"]


def test_a_restored_backup_finds_its_claim_again(sandbox: Flask) -> None:
    with talk_to(sandbox) as client:
        first = hand_over(client, {})
        again = hand_over(client, {})
    assert (again.claim_id, read_states(sandbox)) == (first.claim_id, ["accepted"])


def test_of_several_claims_the_released_one_counts(sandbox: Flask) -> None:
    with talk_to(sandbox) as client:
        client.create_claim(a_handover(), client.create_debtor(a_handover()))
        released = client.create_claim(a_handover(), client.create_debtor(a_handover()))
        client.release_claim(released.id)
        assert hand_over(client, {}).claim_id == released.id
    assert read_states(sandbox) == ["created", "accepted"]


def test_a_worker_that_was_away_finds_the_claim_released(sandbox: Flask) -> None:
    """Both know the claim as created; the slower one's release is refused, and that is no failure."""
    with talk_to(sandbox) as client:
        claim = client.create_claim(a_handover(), client.create_debtor(a_handover()))
        client.release_claim(claim.id)
        outcome = judge_claim(HandoverTalk(client, a_handover(), {}, lambda _: None).release_claim(claim.id))
    assert (outcome.state, read_states(sandbox)) == ("accepted", ["accepted"])


def test_a_refusal_names_the_fields(sandbox: Flask) -> None:
    with talk_to(sandbox) as client, pytest.raises(PartnerRefused) as refused:
        advance_handover(client, a_handover(" "), LETTERS, {}, lambda _: None)
    assert refused.value.status == 400
    assert [message.split(":")[0] for message in refused.value.messages] == ["person.last_name"]
    assert read_states(sandbox) == []
