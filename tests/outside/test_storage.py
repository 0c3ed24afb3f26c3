"""Letters are kept under the hash of their bytes: once, whole, and verified when read."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest

from dunning.outside.storage import Storage, StorageCorrupt, StorageMissing

LETTER = b"%PDF a letter"
NAME = hashlib.sha256(LETTER).hexdigest()


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(f"file://{tmp_path}/letters")


def files_in(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def test_what_was_put_is_got_by_its_hash(storage: Storage, tmp_path: Path) -> None:
    assert storage.put(LETTER) == NAME
    assert storage.get(NAME) == LETTER
    assert files_in(tmp_path) == [f"letters/{NAME[:2]}/{NAME[2:]}.pdf"]


def test_putting_again_changes_nothing(storage: Storage, tmp_path: Path) -> None:
    storage.put(LETTER)
    file = tmp_path / files_in(tmp_path)[0]
    before = file.stat().st_mtime_ns, file.stat().st_ino
    assert storage.put(LETTER) == NAME
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_many_threads_put_the_same_letter_once(storage: Storage, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(storage.put, [LETTER] * 64)) == {NAME}
    assert len(files_in(tmp_path)) == 1
    assert storage.get(NAME) == LETTER


def test_a_changed_file_is_never_given_out(storage: Storage, tmp_path: Path) -> None:
    storage.put(LETTER)
    (tmp_path / files_in(tmp_path)[0]).write_bytes(b"%PDF another letter")
    with pytest.raises(StorageCorrupt):
        storage.get(NAME)


def test_a_missing_file_is_named(storage: Storage) -> None:
    assert not storage.exists(NAME)
    with pytest.raises(StorageMissing, match=NAME):
        storage.get(NAME)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", NAME.upper(), NAME + "/..", NAME[:-1]])
def test_only_a_hash_is_looked_up(storage: Storage, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        storage.get(name)


def test_a_full_disk_leaves_no_half_letter(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_half(place: str, content: bytes) -> None:
        Path(place).write_bytes(content[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.files, "pipe_file", write_half)
    with pytest.raises(OSError, match="No space left"):
        storage.put(LETTER)
    assert files_in(tmp_path) == []
    assert not storage.exists(NAME)


def test_another_store_is_a_matter_of_its_url() -> None:
    storage = Storage("memory://letters/demo")
    try:
        assert storage.get(storage.put(LETTER)) == LETTER
        assert fsspec.filesystem("memory").exists(f"/letters/demo/{NAME[:2]}/{NAME[2:]}.pdf")
    finally:
        fsspec.filesystem("memory").store.clear()
