"""The GiroCode as a picture: a 1-bit grey PNG, one pixel per module, the same bytes for the same payload.

Drawn here because the mask is fixed and a PNG with one pixel per module is five times faster to make than
the library's search for the prettiest mask; any mask is read by every scanner.
"""

import base64
import struct
import zlib

import segno

MASK = 2
# EPC069-12: error correction M, and no code larger than version 13
MOST_VERSION = 13
QUIET_MODULES = 4
PNG_START = b"\x89PNG\r\n\x1a\n"


class CodeTooLarge(ValueError):
    """The payload needs a code larger than the GiroCode standard allows."""


def draw_girocode(payload: str) -> bytes:
    """The PNG of a payload made by `rules.reference.girocode_payload`, with its quiet zone."""
    code = segno.make(
        payload,
        error="m",
        boost_error=False,
        mode="byte",
        encoding="utf-8",
        eci=False,
        micro=False,
        mask=MASK,
    )
    if not isinstance(code.version, int) or code.version > MOST_VERSION:
        raise CodeTooLarge(f"the GiroCode would be version {code.version}")
    return write_png([list(row) for row in code.matrix_iter(border=QUIET_MODULES)])


def write_png(rows: list[list[int]]) -> bytes:
    """A grey picture of one bit per pixel; 1 in `rows` is black."""
    size = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 1, 0, 0, 0, 0)
    pixels = b"".join(b"\x00" + pack_row(row) for row in rows)
    chunks = (b"IHDR", size), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")
    return PNG_START + b"".join(write_chunk(name, data) for name, data in chunks)


def pack_row(row: list[int]) -> bytes:
    """Eight pixels to a byte, white is 1, the last byte filled up."""
    bits = "".join("0" if dark else "1" for dark in row)
    filled = bits.ljust(-(-len(bits) // 8) * 8, "0")
    return int(filled, 2).to_bytes(len(filled) // 8, "big")


def write_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def embed_png(png: bytes) -> str:
    """The picture as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
