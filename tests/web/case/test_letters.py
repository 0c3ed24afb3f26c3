"""Letters out of the store: the very bytes, for those who may read them, and an alarm when they are gone."""

import hashlib
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from sqlalchemy import select

from dunning.records import db
from dunning.records.cases import Letter
from tests.web.world import FOREIGN, LIMITED


def url_of(world, number: int = 1, prefix: str = "") -> str:
    return f"{prefix}/cases/{world.cases['ready_for_handover']}/letters/{number}.pdf"


def stored_letter(world, number: int = 1) -> Letter:
    query = select(Letter).where(Letter.case_id == world.cases["ready_for_handover"], Letter.number == number)
    return db.session.scalars(query).one()


def test_the_bytes_are_those_that_were_sent(world):
    for number in (1, 2):
        answer = world.vendor(LIMITED).get(url_of(world, number))
        assert answer.status_code == 200
        assert hashlib.sha256(answer.data).hexdigest() == stored_letter(world, number).sha256
        assert answer.data.startswith(b"%PDF-")


def test_a_letter_is_shown_in_the_browser_and_kept_nowhere(world):
    headers = world.vendor(LIMITED).get(url_of(world)).headers
    assert headers["Content-Type"] == "application/pdf"
    name = f"first_letter-{world.cases['ready_for_handover']}-1.pdf"
    assert headers["Content-Disposition"] == f'inline; filename="{name}"'
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_another_vendors_letter_is_not_found(world):
    assert world.vendor(FOREIGN).get(url_of(world)).status_code == 404


def test_a_number_without_a_letter_is_not_found(world):
    for number in ("0", "3", "99999999999999999999", "x"):
        path = f"/cases/{world.cases['ready_for_handover']}/letters/{number}.pdf"
        assert world.vendor(LIMITED).get(path).status_code == 404


def test_staff_read_every_vendors_letter_under_their_own_address(world):
    assert world.staff().get(url_of(world, prefix="/admin")).status_code == 200
    assert world.staff().get(url_of(world)).status_code == 404
    assert world.vendor(LIMITED).get(url_of(world, prefix="/admin")).status_code == 404


def test_a_stranger_is_asked_to_log_in(world):
    assert world.app.test_client().get(url_of(world)).status_code == 303


def test_a_file_that_was_changed_is_never_shown(world):
    letter = stored_letter(world)
    root = Path(urlsplit(world.app.config["SETTINGS"].storage_url).path)
    file = root / letter.sha256[:2] / f"{letter.sha256[2:]}.pdf"
    content, mode = file.read_bytes(), file.stat().st_mode
    file.chmod(0o600)
    try:
        file.write_bytes(content.replace(b"%PDF", b"%XDF"))
        assert world.vendor(LIMITED).get(url_of(world)).status_code == 404
    finally:
        file.write_bytes(content)
        file.chmod(mode)
    assert world.vendor(LIMITED).get(url_of(world)).status_code == 200


def picture_of(world, number: int = 1, prefix: str = "") -> str:
    return url_of(world, number, prefix).replace(".pdf", ".png")


def test_a_letters_first_page_is_shown_small(world):
    answer = world.vendor(LIMITED).get(picture_of(world))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "private, no-store"
    with Image.open(BytesIO(answer.data)) as picture:
        assert picture.format == "PNG"
        assert picture.size == (196, 278)


def test_the_small_picture_is_for_those_who_may_read_the_letter(world):
    assert world.vendor(FOREIGN).get(picture_of(world)).status_code == 404
    assert world.vendor(LIMITED).get(picture_of(world, prefix="/admin")).status_code == 404
    assert world.staff().get(picture_of(world, prefix="/admin")).status_code == 200
    assert world.app.test_client().get(picture_of(world)).status_code == 303
