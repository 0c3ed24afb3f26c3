"""The press's child process: reads letters as JSON from standard input, writes PDFs to standard output.

Alone because the layout engine can hang, eat memory or crash: here it dies alone. Warm because fonts, style
sheet and templates take a second to load and a letter takes a fraction of it. It knows no setting and no
secret, opens no network connection, and ends with its parent: standard input closes.
"""

import datetime as dt
import gc
import hashlib
import json
import logging
import os
import resource
import signal
import struct
import sys
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pydyf  # type: ignore[import-untyped]  # like weasyprint, which writes with it
from cssselect2 import ElementWrapper  # type: ignore[import-untyped]  # like weasyprint, which brings it
from lxml.html import document_fromstring
from weasyprint import CSS, DEFAULT_OPTIONS, HTML, Attachment
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from dunning.outside.press.letter_text import TEMPLATES, render_html
from dunning.rules.letters.letter import Letter, describe_claim

HEADER = struct.Struct(">cI")
ORDER = struct.Struct(">d?")
READY, DONE, FAILED = b"r", b"+", b"-"
FONTS = TEMPLATES / "fonts"
# a letter takes a fifth of a second; these are for one that went wrong
MOST_CPU_SECONDS = 20
MOST_EXTRA_MEMORY = 600 * 2**20
# the collector is off while a letter is made; it runs between letters, this often
LETTERS_PER_COLLECTION = 30
MIDNIGHT = dt.time(tzinfo=dt.UTC)
WARM_UP = "<p>Ä ğ Ω Я ґ <b>Ä ğ Ω Я ґ</b><table class=claim><tr><td class=n>1</table>"


class AssetFetcher(URLFetcher):  # type: ignore[misc]  # the library has no types
    """Knows `data:` and our own fonts; any other address ends the letter, before anything is opened."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True)
        self.fonts = {f"asset:{file.name}": file for file in FONTS.glob("*.ttf")}

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url in self.fonts:
            return URLFetcherResponse(url, self.fonts[url].read_bytes(), {"Content-Type": "font/ttf"})
        if url.startswith("data:"):
            return super().fetch(url, headers)
        raise FatalURLFetchingError(f"address refused: {url[:200]}")


class Incomplete(logging.Handler):
    """Collects what the engine only logs: a letter without its picture or font must not go out."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


class IncompleteLetter(ValueError):
    """The engine left something out."""


class Sheet(HTML):  # type: ignore[misc]  # the library has no types
    """The engine's document without its detours: a fifteenth of a letter goes by on its parser, in Python,
    and a tenth on its style sheet for all of HTML; letter.css has what our few elements need.
    """

    def __init__(self, html: str, fetcher: AssetFetcher) -> None:
        # in place of the library's own, which does the same with its parser
        self.base_url = None
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = ElementWrapper.from_html_root(document_fromstring(html), content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return []


class Written(pydyf.Object):  # type: ignore[misc]  # the library has no types
    """An object as it will stand in the file, written out once: the library asks again for a checksum of them all,
    which is a twentieth of a letter.
    """

    def __init__(self, source: pydyf.Object) -> None:
        super().__init__()
        self.number, self.generation = source.number, source.generation
        self._data, self._compressible = source.data, source.compressible

    @property
    def data(self) -> bytes:
        return bytes(self._data)

    @property
    def compressible(self) -> bool:
        return bool(self._compressible)


def write_out(_document: Document, pdf: pydyf.PDF) -> None:
    """The library's hook before the file is put together: nothing changes any more."""
    pdf.objects = [source if source.free == "f" else Written(source) for source in pdf.objects]


class Engine:
    """Style sheet and fonts, loaded once; one letter at a time."""

    def __init__(self) -> None:
        self.fetcher = AssetFetcher()
        self.fonts = FontConfiguration()
        style = TEMPLATES / "letter.css"
        self.css = CSS(
            string=style.read_text(encoding="utf-8"), font_config=self.fonts, url_fetcher=self.fetcher
        )
        self.incomplete = Incomplete()
        logging.getLogger("weasyprint").addHandler(self.incomplete)

    def lay_out(self, html: str) -> Document:
        """The pages of this HTML."""
        return Sheet(html, self.fetcher).render(font_config=self.fonts, stylesheets=[self.css])

    def fit_letter(self, letter: Letter, *, preview: bool = False) -> Document:
        """On one page if closer setting achieves it, else with page numbers."""
        render = partial(render_html, letter, preview=preview)
        document = self.lay_out(render())
        pages = len(document.pages)
        if pages == 2 and len((tight := self.lay_out(render(tight=True))).pages) == 1:
            return tight
        return document if pages == 1 else self.lay_out(render(pages=pages))

    def print_letter(self, letter: Letter, *, preview: bool = False) -> bytes:
        """The PDF/A-3a with its numbers attached: the same bytes for the same letter, today and in ten years."""
        self.incomplete.found.clear()
        identifier = hashlib.sha256(letter.to_json().encode()).digest()[:16]
        options = {
            "pdf_variant": "pdf/a-3a",
            "pdf_identifier": identifier,
            "attachments": [attach_claim(letter)],
        }
        pdf = self.fit_letter(letter, preview=preview).write_pdf(
            finisher=write_out, **{**DEFAULT_OPTIONS, **options}
        )
        if self.incomplete.found:
            raise IncompleteLetter("; ".join(self.incomplete.found))
        return bytes(pdf)


def attach_claim(letter: Letter) -> Attachment:
    """claim.json, dated by the letter's day."""
    claim = json.dumps(describe_claim(letter), ensure_ascii=False, indent=1)
    day = dt.datetime.combine(letter.on_date, MIDNIGHT)
    return Attachment(
        string=claim,
        name="claim.json",
        description="The claim's numbers",
        created=day,
        modified=day,
        relationship="Data",
    )


def serve_letters(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers each letter until the parent closes its end. After a failure the parent takes a fresh child."""
    engine = Engine()
    engine.lay_out(WARM_UP).write_pdf()
    gc.collect()
    gc.freeze()
    gc.disable()
    limit_memory()
    write_frame(answers, READY, b"")
    count = 0
    while frame := read_frame(requests):
        seconds, preview = ORDER.unpack_from(frame)
        limit_time(seconds)
        write_frame(answers, *answer_letter(engine, frame[ORDER.size :], preview=preview))
        signal.setitimer(signal.ITIMER_REAL, 0)
        count += 1
        if count % LETTERS_PER_COLLECTION == 0:
            gc.collect()


def answer_letter(engine: Engine, text: bytes, *, preview: bool) -> tuple[bytes, bytes]:
    """The PDF, or in one line why there is none."""
    try:
        return DONE, engine.print_letter(Letter.from_json(text), preview=preview)
    except (Exception, FatalURLFetchingError) as error:  # noqa: BLE001 - the parent is told, and decides
        return FAILED, f"{type(error).__name__}: {error}"[:2000].encode("utf-8", "replace")


def limit_memory() -> None:
    """A letter may need so much more than the warm process has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + MOST_EXTRA_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def limit_time(wall_seconds: float) -> None:
    """The kernel ends a letter that runs on, even when the parent is gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + MOST_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)


def read_frame(stream: BinaryIO) -> bytes:
    """The next letter; empty when the parent is gone."""
    header = stream.read(HEADER.size)
    return stream.read(HEADER.unpack(header)[1]) if len(header) == HEADER.size else b""


def write_frame(stream: BinaryIO, mark: bytes, body: bytes) -> None:
    stream.write(HEADER.pack(mark, len(body)) + body)
    stream.flush()


def main() -> None:
    """Keeps standard output for answers alone: whatever a library prints goes to standard error."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # without a parent there is nobody to complain to
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve_letters(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
