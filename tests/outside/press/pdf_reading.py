"""Reads a letter's PDF as others do: words with their places, fonts, the QR code, attachments."""

import io
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfplumber
import zxingcpp
from PIL import Image
from pypdf import PdfReader

MM = 72 / 25.4


def read_text(pdf: bytes) -> str:
    """All pages, in one line: where a line breaks is layout."""
    return " ".join(" ".join(list_pages(pdf)).split())


def list_pages(pdf: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def words_in(
    pdf: bytes, left: float, top: float, right: float, bottom: float, page: int = 0
) -> list[dict[str, Any]]:
    """The words that touch this rectangle, in millimetres from the top left corner of the sheet."""
    return [
        word
        for word in read_words(pdf, page)
        if word["right"] > left and word["left"] < right and word["bottom"] > top and word["top"] < bottom
    ]


def read_words(pdf: bytes, page: int = 0) -> Iterator[dict[str, Any]]:
    """Each word with its box in millimetres."""
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        for word in document.pages[page].extract_words(keep_blank_chars=False):
            box = {"left": word["x0"], "right": word["x1"], "top": word["top"], "bottom": word["bottom"]}
            yield {"text": word["text"], **{side: value / MM for side, value in box.items()}}


def list_marks(pdf: bytes) -> list[tuple[float, float, float]]:
    """The lines in the left margin of the first page: left, right and top in millimetres."""
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        lines = [*document.pages[0].rects, *document.pages[0].lines]
    sides = [[round(line[side] / MM, 1) for side in ("x0", "x1", "top")] for line in lines]
    return sorted((left, right, top) for left, right, top in sides if right < 20)


def measure_girocode(pdf: bytes) -> tuple[float, float]:
    """Width in millimetres of the picture, and how many modules wide it is with its quiet zone."""
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        (picture,) = document.pages[-1].images
    return (picture["x1"] - picture["x0"]) / MM, picture["srcsize"][0]


def list_fonts(pdf: bytes, folder: Path) -> list[list[str]]:
    """The rows of pdffonts: name, type, encoding, embedded, subset, Unicode map."""
    table = run_poppler(["pdffonts", "{pdf}"], pdf, folder).decode()
    return [line.split() for line in table.splitlines()[2:]]


def count_tags(pdf: bytes) -> Counter[str]:
    """How often each tag stands in the structure tree."""
    tags: Counter[str] = Counter()
    nodes = [PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]]
    while nodes:
        node = nodes.pop().get_object()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            tags.update([node["/S"]] if "/S" in node else [])
            nodes += [node["/K"]] if "/K" in node else []
    return tags


def decode_girocode(pdf: bytes, folder: Path, page: int = 1) -> str:
    """What a decoder of its own sees on the right half of the printed page at 300 dpi; empty when it sees no code."""
    picture = run_poppler(
        ["pdftoppm", "-r", "300", "-gray", "-f", str(page), "-l", str(page), "{pdf}"], pdf, folder
    )
    sheet = Image.open(io.BytesIO(picture))
    right_half = sheet.crop((sheet.width // 2, 0, sheet.width, sheet.height))
    return "".join(code.text for code in zxingcpp.read_barcodes(right_half))


def run_poppler(command: list[str], pdf: bytes, folder: Path) -> bytes:
    file = folder / "letter.pdf"
    file.write_bytes(pdf)
    words = [word.replace("{pdf}", str(file)) for word in command]
    return subprocess.run(words, check=True, capture_output=True).stdout
