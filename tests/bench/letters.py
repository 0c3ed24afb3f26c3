"""What a letter costs beside WeasyPrint called naively, what two cores make beside one, and how memory grows.

`python -m tests.bench.letters`. Naively means, for the same letter with the same words: for each letter the
library's own HTML parser and style sheet, letter.css parsed anew, the same five families loaded anew, from WOFF2
(Latin the variable files of the pages, the others, of which we have no variable file, made from our static ones);
the GiroCode as segno's SVG with the mask searched; pages counted by `counter(pages)`; the garbage collector
running as it does; the same PDF/A-3a with the same attachment.
"""

import gc
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import segno
from fontTools.ttLib import TTFont
from weasyprint import CSS, DEFAULT_OPTIONS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from dunning.outside.press import press as press_room
from dunning.outside.press.letter_child import WARM_UP, Engine, attach_claim
from dunning.outside.press.letter_text import TEMPLATES, render_html, write_payload
from dunning.outside.press.press import LetterPress
from dunning.rules.letters.letter import Letter
from tests.outside.press.letter_builders import a_first_letter, a_second_letter

ROOT = Path(__file__).parents[2]
ROUNDS = 11
BATCH = 60
MANY = 1000
VARIABLE = {"Inter": "latin", "InterExt": "latin-ext"}
COUNTED = '@page { @bottom-right { content: "Seite " counter(page) " von " counter(pages) } }'
LETTERS = {"first letter": a_first_letter(), "second letter": a_second_letter()}


def write_naive_style(folder: Path) -> str:
    """letter.css with fonts as WOFF2, the variable ones where there are any, and the pages counted."""
    style = (TEMPLATES / "letter.css").read_text(encoding="utf-8")
    for family, subset in VARIABLE.items():
        style = re.sub(rf"@font-face {{ font-family: {family};.*?}}\n", "", style)
        file = ROOT / f"static/fonts/inter-{subset}-400-700.woff2"
        face = f"font-family: {family}; font-weight: 400 700; src: url({file.as_uri()})"
        style = f"@font-face {{ {face} }}\n{style}"
    for name in re.findall(r"asset:(.*?)\.ttf", style):
        font = TTFont(TEMPLATES / "fonts" / f"{name}.ttf")
        font.flavor = "woff2"
        font.save(folder / f"{name}.woff2")
        style = style.replace(f"asset:{name}.ttf", (folder / f"{name}.woff2").as_uri())
    return style + COUNTED


def print_naively(letter: Letter, style: str) -> bytes:
    """Everything from the beginning, as the library's first example does it."""
    code = segno.make(write_payload(letter), error="m", boost_error=False, mode="byte", micro=False)
    html = re.sub(r'src="data:[^"]*"', f'src="{code.svg_data_uri(border=4)}"', render_html(letter))
    fonts, fetcher = FontConfiguration(), URLFetcher()
    source = HTML(string=html, url_fetcher=fetcher)
    document = source.render(
        font_config=fonts, stylesheets=[CSS(string=style, font_config=fonts, url_fetcher=fetcher)]
    )
    options = {"pdf_variant": "pdf/a-3a", "attachments": [attach_claim(letter)]}
    return document.write_pdf(**{**DEFAULT_OPTIONS, **options})


def measure_cpu(work: Callable[[], object]) -> float:
    """Milliseconds of CPU of this process."""
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


def compare_ways() -> None:
    """Both ways in turn in one process."""
    engine = Engine()
    engine.lay_out(WARM_UP).write_pdf()
    with tempfile.TemporaryDirectory() as folder:
        style = write_naive_style(Path(folder))
        for name, letter in LETTERS.items():
            rounds = [measure_round(engine, letter, style) for _ in range(ROUNDS)]
            ours, naive = (statistics.median(times) for times in zip(*rounds, strict=True))
            print(f"{name}: {ours:.0f} ms CPU, naively {naive:.0f} ms: {naive / ours:.1f} times as much")


def measure_round(engine: Engine, letter: Letter, style: str) -> tuple[float, float]:
    """One letter in each way; ours with the collector off, as in the press."""
    gc.collect()
    gc.disable()
    ours = measure_cpu(partial(engine.print_letter, letter))
    gc.enable()
    return ours, measure_cpu(partial(print_naively, letter, style))


def print_batch(press: LetterPress, count: int) -> None:
    letters = list(LETTERS.values())
    for number in range(count):
        press.render(letters[number % len(letters)])


def measure_rate(presses: list[LetterPress]) -> float:
    """Letters a second, each press with a thread of its own."""
    threads = [threading.Thread(target=print_batch, args=(press, BATCH)) for press in presses]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return BATCH * len(presses) / (time.monotonic() - started)


def compare_cores() -> None:
    """Three rounds in turn; warm presses."""
    presses = [LetterPress(), LetterPress()]
    for press in presses:
        print_batch(press, 2)
    rounds = [(measure_rate(presses[:1]), measure_rate(presses)) for _ in range(3)]
    one, two = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    print(f"one press {one:.1f} letters/s, two {two:.1f}: {two / one:.2f} times as many")
    for press in presses:
        press.close()


def watch_memory() -> None:
    """The resident memory of one child over many letters, though the press would replace it."""
    press_room.LETTERS_PER_CHILD = MANY + 1
    press = LetterPress()
    print_batch(press, 1)
    assert press._child
    sizes = []
    for _ in range(10):
        print_batch(press, MANY // 10)
        sizes.append(read_memory(press._child.process.pid))
    press.close()
    print(f"memory of a child, MiB, after every {MANY // 10} letters: {' '.join(map(str, sizes))}")


def read_memory(pid: int) -> int:
    """Resident MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024


def main() -> None:
    """All three."""
    compare_ways()
    compare_cores()
    watch_memory()


if __name__ == "__main__":
    main()
