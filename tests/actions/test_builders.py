"""The builders make what they say, on both databases."""

import pytest
from flask import Flask

from tests.builders import ENDS, LIVES, a_case, after, read_case_dossier

pytestmark = pytest.mark.usefixtures("quick_press")


@pytest.mark.parametrize("status", LIVES)
def test_a_case_of_every_status_can_be_made(each_app: Flask, status: str) -> None:
    assert read_case_dossier(a_case(status)).case.status == ENDS.get(status, status)


def test_a_case_can_be_older_and_partly_paid(each_app: Flask) -> None:
    file = read_case_dossier(a_case(day=21, paid=30_00))
    assert {step.kind: step.done_on for step in file.steps if step.state == "done"} == {
        "payment_reminder": after(5),
        "first_letter": after(10),
        "second_letter": after(20),
    }
    assert file.receivable.paid_cents == 30_00
