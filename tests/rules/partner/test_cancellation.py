"""Whether the partner can still be asked to cancel."""

import pytest

from dunning.rules.partner.cancellation import find_obstacle


@pytest.mark.parametrize("stage", ["", "extrajudicial", "a stage nobody knows"])
def test_out_of_court_nothing_stands_against_it(stage: str) -> None:
    assert find_obstacle(stage, ended=False) is None


@pytest.mark.parametrize("stage", ["judicial_dunning", "foreclosure", "long_term_monitoring"])
def test_from_the_court_procedure_on_it_is_too_late(stage: str) -> None:
    assert find_obstacle(stage, ended=False) == "in_court"


@pytest.mark.parametrize(("stage", "ended"), [("ended", False), ("judicial_dunning", True), ("", True)])
def test_what_has_ended_cannot_be_cancelled(stage: str, ended: bool) -> None:
    assert find_obstacle(stage, ended=ended) == "mandate_ended"
