"""Letters on paper for tests: real PDFs of one page each that cost no time, told apart by their size."""

from io import BytesIO

from pypdf import PdfReader, PdfWriter

from dunning.rules.letters.letter import Letter
from tests.conftest import QuickPress


class PaperPress(QuickPress):
    """A blank page as wide as the postcode is far: 80804 is 808 points. Its height is the letter's number."""

    def render(self, letter: Letter) -> bytes:
        with PdfWriter() as writer:
            writer.add_blank_page(width=int(letter.recipient.zipcode[:3]), height=100 + letter.number)
            writer.add_metadata({"/Title": letter.order_id})
            written = BytesIO()
            writer.write(written)
        return written.getvalue()


def print_blank_cover(*_args: object) -> bytes:
    """A cover list in name only: an empty A4 page."""
    with PdfWriter() as writer:
        writer.add_blank_page(width=595.3, height=841.9)
        written = BytesIO()
        writer.write(written)
    return written.getvalue()


def read_pages(pdf: bytes) -> list[tuple[int, int]]:
    """(first three digits of the postcode, number of the letter) of every page behind the cover list."""
    sizes = [(int(page.mediabox.width), int(page.mediabox.height)) for page in PdfReader(BytesIO(pdf)).pages]
    cover, *letters = sizes
    assert cover == (595, 841), "no cover list in A4"
    return [(width, height - 100) for width, height in letters]


def read_cover(pdf: bytes) -> list[str]:
    """The lines of the cover list."""
    return PdfReader(BytesIO(pdf)).pages[0].extract_text().splitlines()
