"""Lists and sheets that are no letters, printed by a process of their own that ends with the sheet."""

import json
import subprocess
import sys
from typing import Any

from dunning.outside.press.press import ROOT, LetterCrashed, LetterFailed, LetterTimeout, child_environment

COMMAND = [sys.executable, "-m", "dunning.outside.press.sheet_child"]
LIMIT_SECONDS = 120.0


def print_sheet(sheet: str, values: dict[str, Any], limit_seconds: float = LIMIT_SECONDS) -> bytes:
    """The PDF of a sheet by its name in `sheet_child`; the same bytes for the same values. Raises LetterError."""
    order = json.dumps({"sheet": sheet, "values": values})
    try:
        child = subprocess.run(
            COMMAND,
            input=order.encode(),
            capture_output=True,
            cwd=ROOT,
            env=child_environment(),
            timeout=limit_seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise LetterTimeout(f"the {sheet} sheet took too long and was stopped") from error
    if child.returncode < 0:
        raise LetterCrashed(f"the {sheet} sheet's process ended with status {child.returncode}")
    if child.returncode:
        raise LetterFailed(child.stderr.decode("utf-8", "replace")[-2000:])
    return child.stdout
