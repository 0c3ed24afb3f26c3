"""Where letters and uploads are kept: files named by their content, on a local disk or in S3, through fsspec.

The name is the SHA-256 of the bytes, so the same letter is stored once and a stored one is never changed.
"""

import hashlib
import os
import re
import uuid
from pathlib import Path

import fsspec

FULL_HASH = re.compile(r"[0-9a-f]{64}")


class StorageError(Exception):
    """The store cannot give what was asked for."""


class StorageMissing(StorageError):
    """There is no file of this hash."""


class StorageCorrupt(StorageError):
    """The stored bytes are not those of the hash any more."""


def force_out(path: Path) -> None:
    """Returns when a power cut can no longer undo what was written: a file's content, or a folder's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Storage:
    """A content-addressed store below a URL such as `file:///srv/letters` or `s3://bucket/letters`."""

    def __init__(self, url: str, suffix: str = ".pdf") -> None:
        self.files, root = fsspec.url_to_fs(url)
        self.root = root.rstrip("/")
        self.suffix = suffix

    def put(self, content: bytes) -> str:
        """Stores the bytes and returns their SHA-256; again is idle. OSError when the disk is full."""
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.exists(sha256):
            self._write(self._place(sha256), content)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of this hash, verified. Raises StorageMissing or StorageCorrupt."""
        try:
            content: bytes = self.files.cat_file(self._place(sha256))
        except FileNotFoundError as error:
            raise StorageMissing(f"no stored file {sha256}") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StorageCorrupt(f"the stored file {sha256} was changed")
        return content

    def exists(self, sha256: str) -> bool:
        """Whether a file of this hash is stored; its bytes are not read."""
        return bool(self.files.exists(self._place(sha256)))

    def _write(self, place: str, content: bytes) -> None:
        # Objects in S3 appear whole. On a disk a reader, or a crash, must never see half a letter: rename is atomic.
        draft = f"{place}.{uuid.uuid4().hex}.part" if self._on_disk() else place
        self.files.makedirs(place.rsplit("/", 1)[0], exist_ok=True)
        try:
            self.files.pipe_file(draft, content)
            if draft != place:
                force_out(Path(draft))
                self.files.mv(draft, place)
                for folder in (Path(place).parent, Path(self.root)):
                    force_out(folder)
        except BaseException:
            if self.files.exists(draft) and draft != place:
                self.files.rm_file(draft)
            raise

    def _on_disk(self) -> bool:
        return "file" in self.files.protocol

    def _place(self, sha256: str) -> str:
        """`ab/cdef….pdf`; ValueError for anything that is no hash, so no path can be smuggled in."""
        if not FULL_HASH.fullmatch(sha256):
            raise ValueError("not a SHA-256 in hexadecimal")
        return f"{self.root}/{sha256[:2]}/{sha256[2:]}{self.suffix}"


def open_uploads(storage_url: str) -> Storage:
    """The store of what people sent us, beside the letters; a file's name is kept where it is referred to."""
    return Storage(storage_url, suffix=".upload")
