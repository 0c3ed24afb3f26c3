"""A real kill -9 of a run with real letters, in the middle and twice: started anew, it ends as if nothing had been."""

import os
import signal
import subprocess
import time

import pytest
from flask import Flask

from tests.builders import a_vendor, after, an_order
from tests.replay.product import Product, run_command

pytestmark = pytest.mark.timeout(300)

NUMBER = 3
WORDS = (*run_command(after(5), after(10)), "--inline")
DONE = "select count(*) from effects where state = 'done'"
BEGUN = "select count(*) from effects where kind = 'first_letter' and phase is not null"


@pytest.fixture
def product(app: Flask) -> Product:
    """An installation with a vendor and unpaid orders of one day."""
    vendor_id, settings = a_vendor(), app.config["SETTINGS"]
    for _ in range(NUMBER):
        an_order(vendor_id)
    return Product(settings.home, DATABASE_URL=settings.database_url)


def kill_when(product: Product, query: str, number: int) -> None:
    """Starts the run and kills it as soon as the query counts so many; its press ends by itself."""
    process = product.start("flask", *WORDS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and product.rows(query)[0][0] < number:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    with product.engine.begin() as connection:  # a test need not wait for the lease of the dead
        connection.exec_driver_sql(
            "update effects set lease_until = created_at where lease_until is not null"
        )


def test_a_run_killed_in_the_middle_sends_every_mail_and_letter_once(product: Product) -> None:
    kill_when(product, DONE, 2)
    kill_when(product, BEGUN, 1)
    assert product.rows(DONE)[0][0] < 2 * NUMBER
    product.flask(*WORDS)
    assert product.rows(f"{DONE} and kind = 'payment_reminder'") == [(NUMBER,)]
    assert product.rows(f"{DONE} and kind = 'first_letter'") == [(NUMBER,)]
    assert product.rows("select distinct state from effects") == [("done",)]
    assert product.rows("select count(*), count(distinct effect_id) from letters") == [(NUMBER, NUMBER)]
    assert len(list((product.home / "mail").glob("*.eml"))) == 2 * NUMBER
    assert product.rows("select distinct status from cases") == [("running",)]
