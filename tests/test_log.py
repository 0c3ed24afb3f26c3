"""Logs: one JSON line per event, and nobody's data in it."""

import json
import logging

import pytest
import structlog

from dunning.log import configure_logging, mask_text


@pytest.fixture
def lines(capsys):
    """Configured anew, so that the lines go where the test reads."""
    configure_logging()
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_event_is_one_json_line(lines):
    structlog.get_logger("dunning.web").info("request", status=200)
    (line,) = lines()
    assert (line["event"], line["status"], line["level"]) == ("request", 200, "info")
    assert line["timestamp"].endswith("Z")


def test_a_library_speaks_through_the_same_lines(lines):
    logging.getLogger("some.library").warning("cannot reach %s", "host")
    (line,) = lines()
    assert (line["event"], line["logger"]) == ("cannot reach host", "some.library")


def test_configuring_twice_does_not_write_twice(lines):
    configure_logging()
    structlog.get_logger("dunning").warning("once")
    assert len(lines()) == 1


def test_an_exception_is_named_with_its_places_but_not_with_its_words(lines):
    try:
        raise ValueError("Anna Berger, DE02120300000000202051")
    except ValueError:
        structlog.get_logger("dunning").exception("failed")
        logging.getLogger("some.library").exception("failed")
    ours, library = lines()
    for line in (ours, library):
        assert line["error"] == "ValueError"
        assert "test_log.py" in line["at"][-1]
        assert "Anna" not in json.dumps(line)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to DE02120300000000202051 now", "to [iban] now"),
        ("to DE02 1203 0000 0000 2020 51", "to [iban]"),
        ("mail to anna.berger@example.com failed", "mail to [mailbox] failed"),
        ("redis://user:hush@host:1", "redis://user:[secret]@host:1"),
        ("order M6B5zL7i of 2026-11-20", "order M6B5zL7i of 2026-11-20"),
    ],
)
def test_accounts_mailboxes_and_passwords_are_blotted_out(text, masked):
    assert mask_text(text) == masked
