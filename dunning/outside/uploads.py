"""Where files that people sent us are kept: beside the letters, under their SHA-256."""

from dunning.outside.storage import Storage


def open_uploads(storage_url: str) -> Storage:
    """The store of uploads; the name of a file is kept where it is referred to."""
    return Storage(storage_url, suffix=".upload")
