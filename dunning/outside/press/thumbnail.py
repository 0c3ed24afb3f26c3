"""The first page of a letter as a small picture, for the case page."""

import io
from threading import Lock

from pypdfium2 import PdfDocument  # type: ignore[import-untyped]  # it has no types

WIDTH = 196  # pixels: shown at half of it, sharp on a dense screen
# PDFium serves one thread at a time
_pdfium = Lock()


def draw_thumbnail(pdf: bytes) -> bytes:
    """A grey PNG; raises PdfiumError when the bytes are no PDF."""
    with _pdfium, PdfDocument(pdf) as document:
        page = document[0]
        picture = page.render(scale=WIDTH / page.get_width(), grayscale=True).to_pil()
    png = io.BytesIO()
    picture.save(png, "PNG", optimize=True)
    return png.getvalue()
