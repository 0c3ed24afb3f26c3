"""The press: what is wrong with one letter never touches the next, the house, or the disk."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from weasyprint.urls import FatalURLFetchingError

from dunning.outside.press import press as press_room
from dunning.outside.press.letter_child import Engine
from dunning.outside.press.press import LetterCrashed, LetterFailed, LetterPress, LetterTimeout, render_html
from dunning.rules.letters.letter import Letter, Line
from tests.outside.press.letter_builders import BERGER, PRINCIPAL, a_first_letter, a_position
from tests.outside.press.pdf_reading import read_text

ROOT = Path(__file__).parents[3]
EVIL = '<img src="file:///etc/passwd"><link rel=attachment href=http://127.0.0.1:9/>'


@pytest.fixture(scope="module")
def press() -> Iterator[LetterPress]:
    """One for all tests: whatever a test does to it, the next finds it working."""
    press = LetterPress()
    yield press
    press.close()


def a_huge_letter(lines: int = 4000) -> Letter:
    """Pages and pages of corrections: minutes of layout."""
    many = tuple(Line(kind="reversal", cents=1, on=PRINCIPAL.on) for _ in range(lines))
    return a_first_letter(positions=(a_position(PRINCIPAL, *many),))


def child_of(press: LetterPress) -> int:
    assert press._child
    return press._child.process.pid


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid: int) -> bool:
    until = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_running(pid)


# --- One letter goes wrong ---


def test_a_hanging_letter_is_killed_alone_and_the_next_is_fine(
    press: LetterPress, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = press.render(a_first_letter())
    pid = child_of(press)
    began = time.monotonic()
    monkeypatch.setattr(press, "limit_seconds", 0.5)
    with pytest.raises(LetterTimeout):
        press.render(a_huge_letter())
    assert time.monotonic() - began < 10
    assert not is_running(pid)
    monkeypatch.undo()
    assert press.render(a_first_letter()) == before


def test_a_letter_that_wants_all_memory_fails_alone(
    press: LetterPress, monkeypatch: pytest.MonkeyPatch
) -> None:
    greedy = [
        sys.executable,
        "-c",
        "import dunning.outside.press.letter_child as child\n"
        "render = child.render_html\n"
        "def greedy(letter, **how):\n"
        "    if letter.product_name == 'greedy': bytearray(2**31)\n"
        "    return render(letter, **how)\n"
        "child.render_html = greedy\n"
        "child.main()",
    ]
    press.close()
    monkeypatch.setattr(press_room, "COMMAND", greedy)
    with pytest.raises(LetterFailed, match="MemoryError"):
        press.render(a_first_letter(product_name="greedy"))
    monkeypatch.undo()
    assert press.render(a_first_letter())


def test_an_amount_no_bank_would_take_is_a_failed_letter(press: LetterPress) -> None:
    paid = Line(kind="payment", cents=-490_00, on=PRINCIPAL.on)
    with pytest.raises(LetterFailed, match=r"0\.01"):
        press.render(a_first_letter(positions=(a_position(PRINCIPAL, paid),)))
    assert press.render(a_first_letter())


def test_a_child_that_dies_at_work_is_noticed_and_replaced(press: LetterPress) -> None:
    press.render(a_first_letter())
    pid = child_of(press)
    threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(LetterCrashed):
        press.render(a_huge_letter())
    assert press.render(a_first_letter())


def test_a_child_that_died_between_letters_is_replaced_unseen(press: LetterPress) -> None:
    before = press.render(a_first_letter())
    pid = child_of(press)
    os.kill(pid, signal.SIGKILL)
    assert wait_until_gone(pid)
    assert press.render(a_first_letter()) == before
    assert child_of(press) != pid


def test_a_child_is_replaced_after_its_share_of_letters(
    press: LetterPress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(press_room, "LETTERS_PER_CHILD", 2)
    press.close()
    pids = []
    for _ in range(3):
        press.render(a_first_letter())
        pids.append(child_of(press))
    assert pids[0] == pids[1] != pids[2]


# --- What stands in a letter opens nothing ---


@pytest.mark.parametrize("language", ["de", "en"])
def test_markup_in_a_name_is_printed_as_text(press: LetterPress, language: str) -> None:
    recipient = replace(BERGER, last_name="<b>Berger</b>")
    letter = a_first_letter(
        language=language, product_name=EVIL, vendor_name="{{ 7*7 }}", recipient=recipient
    )
    text = read_text(press.render(letter))
    assert '<img src="file:///etc/passwd">' in text
    assert "{{ 7*7 }}" in text
    assert "<b>Berger</b>" in text
    assert "root:" not in text


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "asset:../../etc/passwd"]
)
@pytest.mark.parametrize(
    "html",
    [
        "<img alt='' src='{}'>",
        "<link rel=stylesheet href='{}'>",
        "<p style='background:url({})'>x",
        "<style>@import '{}'</style>",
        "<link rel=attachment href='{}'>",
    ],
)
def test_an_address_that_got_into_the_markup_ends_the_letter(engine: Engine, html: str, address: str) -> None:
    with pytest.raises(FatalURLFetchingError, match="address refused"):
        engine.lay_out(html.format(address)).write_pdf()


def test_line_breaks_and_controls_in_a_value_stay_in_their_line() -> None:
    html = render_html(a_first_letter(vendor_name="Kurs\r\n\x00GmbH\u202e"))
    assert "von Kurs GmbH ist" in html


def test_the_child_knows_no_secret(press: LetterPress, monkeypatch: pytest.MonkeyPatch) -> None:
    press.close()
    monkeypatch.setenv("SECRET_KEY", "not for the press")
    press.render(a_first_letter())
    assert b"SECRET_KEY" not in Path(f"/proc/{child_of(press)}/environ").read_bytes()


# --- Processes and threads ---


def test_the_child_ends_with_its_parent() -> None:
    program = (
        "import os\n"
        "from dunning.outside.press.press import LetterPress\n"
        "from tests.outside.press.letter_builders import a_first_letter\n"
        "press = LetterPress(); press.render(a_first_letter())\n"
        "print(press._child.process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert parent.returncode == -signal.SIGKILL
    assert wait_until_gone(int(parent.stdout))


def print_in_fork(press: LetterPress, answers: "multiprocessing.Queue[bytes]") -> None:
    answers.put(press.render(a_first_letter()))
    press.close()


def test_a_press_inherited_by_fork_takes_a_child_of_its_own(press: LetterPress) -> None:
    before = press.render(a_first_letter())
    pid = child_of(press)
    fork = multiprocessing.get_context("fork")
    answers = fork.Queue()
    worker = fork.Process(target=print_in_fork, args=(press, answers))
    worker.start()
    assert answers.get(timeout=30) == before
    worker.join(10)
    assert press.render(a_first_letter()) == before
    assert child_of(press) == pid


def test_each_thread_prints_with_a_press_of_its_own() -> None:
    found: dict[int, bytes] = {}

    def work(number: int) -> None:
        press = LetterPress()
        try:
            found[number] = press.render(a_first_letter())
        finally:
            press.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]
