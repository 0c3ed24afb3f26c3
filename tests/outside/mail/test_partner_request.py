"""What a partner without a call for it reads: one paragraph that says what changes, from when, and why."""

import datetime as dt

import pytest

from dunning.outside.mail.text import render_mail, render_request
from tests.outside.mail.mail_builders import CREDITOR, a_hold_reminder, a_partner_request

DAY = dt.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"what": "hold"}, "bis einschließlich 30.11.2026 ruhen"),
        ({"what": "cancel", "reason": "doppelt bestellt"}, "Grund: doppelt bestellt"),
        ({"what": "cancel", "reason": "order_refunded"}, "Grund: die Bestellung wurde vollständig erstattet"),
        ({"what": "dispute", "reason": "nie erhalten"}, "Dazu: nie erhalten"),
        ({"what": "resolved"}, "Einwand des Schuldners ist geklärt"),
        ({"what": "credit", "cents": 500, "value_date": DAY}, "um 5,00 € geringer"),
        ({"what": "credit", "cents": -500, "value_date": DAY}, "Eine Gutschrift über 5,00 €"),
        ({"what": "amended", "cents": 500, "value_date": DAY}, "Die Hauptforderung ist um 5,00 € geringer"),
        ({"what": "amended", "cents": -500, "value_date": DAY}, "Die Hauptforderung ist um 5,00 € höher"),
        ({"what": "return_fee", "cents": -300, "value_date": DAY}, "Die Forderung ist um 3,00 € höher"),
        ({"what": "return_fee", "cents": 300, "value_date": DAY}, "Die Forderung ist um 3,00 € geringer"),
        (
            {"what": "taken_back", "cents": -3000, "value_date": DAY},
            "Eine Zahlung über 30,00 € ist zurückgegangen",
        ),
    ],
)
def test_every_request_says_what_changes(request_, said):
    request = a_partner_request(**request_)
    text = render_request(request).replace("\xa0", " ")
    assert said in text
    mail = render_mail(request, CREDITOR)
    assert text in mail.text.replace("\xa0", " ")
    assert mail.subject.endswith(": Akte SB-000007")
    assert said in mail.html.replace("&nbsp;", " ")


def test_what_a_vendor_wrote_is_text_in_the_mails_html():
    mail = render_mail(a_partner_request(what="cancel", reason="<b>gone</b> & over"), CREDITOR)
    assert "&lt;b&gt;gone&lt;/b&gt; &amp; over" in mail.html
    assert "<b>gone</b> & over" in mail.text


def test_the_vendor_reads_when_the_hold_ends_and_how_to_renew_it():
    mail = render_mail(a_hold_reminder(), CREDITOR)
    assert mail.subject == "Mahnstopp endet am 30.11.2026: Bestellung M6B5zL7i"
    assert "https://mahnlauf.example/cases/7" in mail.text
