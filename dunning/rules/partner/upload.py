"""Files people send us for others to read: few, small, and what they say they are."""

import re
from pathlib import PurePosixPath

MOST_FILES = 5
# of all files of an answer together: the partner takes 20 MB of JSON, which a third of encoding has to fit into
MOST_BYTES = 10 * 1024 * 1024
KINDS = {".pdf": b"%PDF-", ".jpg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n\x1a\n"}
# why a file is not taken
EMPTY, WRONG_KIND, TOO_LARGE, TOO_MANY = "empty", "wrong_kind", "too_large", "too_many"
LONGEST_NAME = 100
STRANGE = re.compile(r"[^\w .()+,-]+")


def find_kind(content: bytes) -> str | None:
    """The file's ending by its first bytes; None for what is no PDF, JPEG or PNG."""
    return next((ending for ending, magic in KINDS.items() if content.startswith(magic)), None)


def judge_files(contents: list[bytes]) -> str | None:
    """What is wrong with an answer's files; None when they can be taken."""
    if len(contents) > MOST_FILES:
        return TOO_MANY
    if sum(map(len, contents)) > MOST_BYTES:
        return TOO_LARGE
    if not all(contents):
        return EMPTY
    return None if all(map(find_kind, contents)) else WRONG_KIND


def name_file(name: str, content: bytes) -> str:
    """The last part of the name without strange characters, with the ending of what the file is."""
    last = PurePosixPath(name.replace("\\", "/")).name
    stem = STRANGE.sub("_", PurePosixPath(last).stem).strip(" .")[:LONGEST_NAME]
    return f"{stem or 'file'}{find_kind(content) or ''}"
