"""A Host that names none is answered by a page of the house, as every bad request is."""

import pytest
from flask import Flask

from dunning import create_app
from dunning.web.request.limits import named_host

ODD = [
    "..",
    "a..b",
    ".",
    "a" * 64,
    "a" * 300,
    "exa mple",
    "exämple.de",
    "a/b",
    "a:b",
    "localhost:999999",
    "[::1",
    "<b>",
    "a,b",
]


@pytest.mark.parametrize("host", ODD)
def test_a_host_that_is_none_is_400_in_the_houses_look(app: Flask, host: str) -> None:
    answer = app.test_client().get("/login", headers={"Host": host})
    assert answer.status_code == 400
    assert "Diese Anfrage ist nicht verständlich" in answer.text
    assert "</html>" in answer.text


@pytest.mark.parametrize(
    "host", ["localhost", "shop.example:8000", "127.0.0.1:5000", "[::1]:80", "a-b.c_d.example."]
)
def test_a_host_that_is_one_is_served(app: Flask, host: str) -> None:
    assert app.test_client().get("/login", headers={"Host": host}).status_code == 200
    assert named_host.fullmatch(host)


def test_the_proxys_word_on_the_host_is_held_to_the_same(make_settings) -> None:
    app = create_app(make_settings(TRUSTED_PROXIES="1"))
    answer = app.test_client().get("/livez", headers={"X-Forwarded-Host": ".."})
    assert answer.status_code == 400
