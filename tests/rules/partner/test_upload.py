"""Files for the partner: small, few, and what their first bytes say."""

import pytest

from dunning.rules.partner.upload import MOST_BYTES, find_kind, judge_files, name_file

PDF, JPEG, PNG = b"%PDF-1.7 x", b"\xff\xd8\xff\xe0 x", b"\x89PNG\r\n\x1a\n x"


@pytest.mark.parametrize(
    ("content", "kind"), [(PDF, ".pdf"), (JPEG, ".jpg"), (PNG, ".png"), (b"PK\x03\x04", None)]
)
def test_the_first_bytes_say_what_a_file_is(content, kind):
    assert find_kind(content) == kind


@pytest.mark.parametrize(
    ("contents", "problem"),
    [
        ([PDF, JPEG, PNG], None),
        ([PDF] * 5, None),
        ([PDF] * 6, "too_many"),
        ([PDF, b""], "empty"),
        ([PDF, b"<html>"], "wrong_kind"),
        ([b"PK\x03\x04 a zip bomb"], "wrong_kind"),
        ([PDF.ljust(MOST_BYTES, b" ")], None),
        ([PDF.ljust(MOST_BYTES, b" "), PDF], "too_large"),
    ],
)
def test_files_are_taken_or_the_reason_is_named(contents, problem):
    assert judge_files(contents) == problem


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("Lieferschein März.pdf", PDF, "Lieferschein März.pdf"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("C:\\docs\\scan.jpeg", JPEG, "scan.jpg"),
        ("receipt.exe", PNG, "receipt.png"),
        ("a\r\nb<script>.pdf", PDF, "a_b_script_.pdf"),
        ("", PDF, "file.pdf"),
        ("x" * 300, PDF, f"{'x' * 100}.pdf"),
    ],
)
def test_a_name_is_made_harmless_and_fits_its_content(name, content, kept):
    assert name_file(name, content) == kept
