"""What lies among the agency's answers and is no file of answers is named, and keeps no answer back."""

import datetime as dt
from pathlib import Path

from dunning.outside.agency.agency import FilePartner
from tests.outside.agency.test_partner_files import HEADER


def test_what_is_no_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    incoming, outside = tmp_path / "agency" / "in", tmp_path / "outside.csv"
    incoming.mkdir(parents=True)
    outside.write_text("not for us", encoding="utf-8")
    (incoming / "a.csv").mkdir()
    (incoming / "b.csv").symlink_to(outside)
    (incoming / "c.csv").symlink_to(tmp_path / "nowhere")
    (incoming / "d.csv").write_text(HEADER + "\n", encoding="utf-8")
    said = FilePartner(tmp_path / "agency").exchange_files(dt.date(2026, 3, 3))
    assert said == [f"{name}.csv: is no file" for name in "abc"]
    assert [path.name[-5:] for path in (tmp_path / "agency" / "done").iterdir()] == ["d.csv"]
    assert outside.read_text(encoding="utf-8") == "not for us"
