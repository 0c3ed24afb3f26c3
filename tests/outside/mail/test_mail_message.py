"""What buyers and vendors read, and what no name, product or reference can do to it."""

import datetime as dt
import re
from email import message_from_bytes
from email.policy import default
from html import unescape

import pytest

from dunning.outside.mail.channel import Attachment
from dunning.rules.mail_address import BadAddress
from tests.outside.mail.mail_builders import (
    a_digest,
    a_first_letter,
    a_message,
    a_reminder,
    a_second_letter,
    an_invitation,
    an_upcoming_reminder,
    every_content,
)

BOTH = pytest.mark.parametrize("language", ["de", "en"])


def arrived(message):
    """The message as the reader's program sees it, from the bytes on the wire."""
    return message_from_bytes(message.as_bytes(), policy=default)


def read_parts(content):
    """Text, and the HTML as it is seen, both with single plain spaces."""
    message = arrived(a_message(content))
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    body = html[html.index("<body") :]
    return [" ".join(part.split()) for part in (text, unescape(re.sub(r"<[^>]+>", " ", body)))]


def test_a_reminder_says_what_is_owed_to_whom_and_how_to_pay_in_both_parts():
    for part in read_parts(a_reminder(rate_number=2, rates=6)):
        for fact in (
            "Guten Tag Anna Berger,",
            "M6B5zL7i vom 04.09.2026",
            "Onlinekurs Bildbearbeitung, Rate 2 von 6",
            "Kurs GmbH",
            "1.490,00 €",
            "DE02 1203 0000 0000 2020 51",
            "RF93 M202 6000 042",
            "08.09.2026, 18:00 Uhr",
            "Schon bezahlt?",
            "Diese Erinnerung kostet Sie nichts.",
        ):
            assert fact in part


def test_the_same_reminder_in_english():
    for part in read_parts(a_reminder(language="en", rate_number=2, rates=6)):
        for fact in ("Dear Anna Berger,", "of 4 Sep 2026", "instalment 2 of 6", "€1,490.00", "Already paid?"):
            assert fact in part


def test_a_part_payment_is_named():
    for part in read_parts(a_reminder(paid_cents=10050)):
        assert "noch nicht vollständig bezahlt" in part
        assert re.search(r"Bereits bezahlt:? 100,50 €", part)
    for part in read_parts(a_reminder()):
        assert "Bereits bezahlt" not in part


def test_an_instalment_that_is_collected_asks_for_no_transfer():
    for part in read_parts(an_upcoming_reminder(debited=True)):
        assert "Sie müssen nichts tun" in part
        assert "IBAN" not in part
    for part in read_parts(an_upcoming_reminder(debited=False)):
        assert "DE02 1203 0000 0000 2020 51" in part


def test_the_cover_of_a_letter_names_its_deadline_and_the_second_one_the_partner():
    for part in read_parts(a_first_letter()):
        assert "1. Mahnung vom 14.09.2026" in part
        assert "bis Mittwoch, 23. September 2026" in part
        assert "Inkasso" not in part
    for part in read_parts(a_second_letter(language="en")):
        assert "by Wednesday, 23 Sep 2026" in part
        assert "Muster Inkasso GmbH" in part


@pytest.mark.parametrize(
    ("language", "ends"),
    [("de", "Ihre Bestellung nach dieser Frist gekündigt"), ("en", "order will be terminated")],
)
def test_where_no_partner_follows_the_second_letters_cover_announces_the_termination(language, ends):
    for part in read_parts(a_second_letter(language=language, partner_name="")):
        assert ends in part
        assert "übergeben" not in part
        assert "hand the claim over" not in part


@BOTH
def test_a_mail_about_an_unnamed_product_names_the_order_and_the_instalment(language):
    for part in read_parts(an_upcoming_reminder(language=language, product_name="")):
        assert "Produkt" not in part
        assert "Product" not in part
        assert re.search({"de": "Rate:? 2 von 6", "en": "Instalment:? 2 of 6"}[language], part)
    for part in read_parts(a_first_letter(language=language, product_name="")):
        assert "Produkt" not in part
        assert "Product" not in part


def test_a_vendor_is_told_the_portals_address_as_it_is():
    message = arrived(a_message(an_invitation()))
    lines = message.get_body(("plain",)).get_content().splitlines()
    assert "https://portal.example/login?lang=de&first=1" in lines
    html = message.get_body(("html",)).get_content()
    assert 'href="https://portal.example/login?lang=de&amp;first=1"' in html


def test_the_digest_does_not_say_that_every_case_had_letters():
    """A chargeback has none."""
    for part in read_parts(a_digest()):
        assert "oder die Zahlung wurde zurückgebucht" in part
        assert "beide Mahnungen sind verschickt" not in part


@pytest.mark.parametrize(
    ("more", "language", "subject"),
    [
        (0, "de", "1 Fall wartet auf Ihre Freigabe"),
        (2, "de", "3 Fälle warten auf Ihre Freigabe"),
        (0, "en", "1 case is waiting for your approval"),
        (2, "en", "3 cases are waiting for your approval"),
    ],
)
def test_the_digest_counts_what_it_lists_and_what_it_leaves_out(more, language, subject):
    assert arrived(a_message(a_digest(more=more, language=language)))["Subject"] == subject


@BOTH
def test_every_mail_says_who_sends_it_and_leaves_no_gap(language):
    for content in every_content(language):
        for part in read_parts(content):
            assert "Musterallee 1" in part
            assert "HRB 000000 B" in part
            assert not re.search(r"\bNone\b|\{\{|\}\}|\{%| ,", part)


@BOTH
def test_no_mail_loads_anything_from_anywhere(language):
    for content in every_content(language):
        html = arrived(a_message(content)).get_body(("html",)).get_content()
        assert not re.search(r"<(img|link|script|iframe|object)|@import|url\(", html, re.IGNORECASE)


def test_headers_say_who_writes_who_answers_and_that_a_machine_sent_it():
    message = arrived(a_message())
    assert message["From"] == "Mahnlauf Demo GmbH <mahnung@mahnlauf.example>"
    assert message["To"] == "anna@example.org"
    assert message["Reply-To"] == "Mahnlauf Demo GmbH <klaerung@mahnlauf.example>"
    assert message["Message-ID"] == "<k3y-42@mahnlauf.example>"
    assert message["Date"] == "Wed, 09 Sep 2026 12:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"


def test_a_configured_senders_name_is_kept():
    message = arrived(a_message(sender="Buchhaltung <mahnung@mahnlauf.example>"))
    assert message["From"] == "Buchhaltung <mahnung@mahnlauf.example>"


def test_the_longest_reference_survives_the_folding_of_headers():
    reference = "r" * 80
    assert arrived(a_message(reference=reference))["Message-ID"] == f"<{reference}@mahnlauf.example>"


def test_an_attached_letter_arrives_byte_for_byte():
    pdf = bytes(range(256)) * 40
    message = arrived(a_message(a_first_letter(), attachments=[Attachment("Mahnung-M6B5zL7i.pdf", pdf)]))
    [attachment] = message.iter_attachments()
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_filename() == "Mahnung-M6B5zL7i.pdf"
    assert attachment.get_content() == pdf


def test_the_same_input_gives_the_same_bytes():
    letter = [Attachment("Mahnung.pdf", b"%PDF-1.7")]
    first, second = (a_message(a_first_letter(), attachments=letter).as_bytes() for _ in range(2))
    assert first == second


def test_every_mail_is_seven_bit_with_short_lines():
    raw = a_message(a_reminder(product_name="Ağa Žižek Київ Αθήνα " * 20)).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x0b", "\x85"])
def test_no_value_can_add_a_line_or_a_header(end):
    poison = f"x{end}Bcc: eve@example.org{end}{end}.{end}QUIT"
    changes = dict.fromkeys(("order_id", "buyer_name", "product_name", "vendor_name"), poison)
    message = arrived(a_message(a_reminder(**changes), attachments=[Attachment(poison, b"")]))
    assert "Bcc" not in message
    assert message["Subject"] == "Zahlungserinnerung zu Ihrer Bestellung x Bcc: eve@example.org . QUIT"
    assert not re.search(r"^(Bcc|\.|QUIT)", message.get_body(("plain",)).get_content(), re.MULTILINE)


def test_markup_in_a_name_is_printed_not_obeyed():
    message = arrived(a_message(a_reminder(product_name="<img src=x onerror=alert(1)>{{ 7*7 }}")))
    html = message.get_body(("html",)).get_content()
    assert "&lt;img src=x onerror=alert(1)&gt;{{ 7*7 }}" in html
    assert "<img" not in html


def test_half_characters_and_turned_text_do_no_harm():
    message = arrived(a_message(a_reminder(buyer_name="A\ud800nna \u202eregreB")))
    assert "Guten Tag A nna regreB," in " ".join(message.get_body(("plain",)).get_content().split())


def test_a_buyer_without_a_name_is_greeted_all_the_same():
    assert "Guten Tag, vielleicht" in read_parts(a_reminder(buyer_name=""))[0]
    assert "Hello, It may" in read_parts(a_reminder(buyer_name="", language="en"))[0]


def test_an_address_with_umlauts_is_written_so_that_it_arrives():
    assert arrived(a_message(recipient="info@müller.de"))["To"] == "info@xn--mller-kva.de"
    assert "To: jörg@müller.de\r\n".encode() in a_message(recipient="jörg@müller.de").as_bytes()


@pytest.mark.parametrize(
    "recipient", ["", "anna", "anna@example.org, eve@example.org", "a@b.de\nBcc: c@d.de"]
)
def test_a_bad_recipient_is_refused(recipient):
    with pytest.raises(BadAddress):
        a_message(recipient=recipient)


@pytest.mark.parametrize("reference", ["", "../../etc/passwd", "a b", "a>\r\nX: y", "r" * 81])
def test_a_bad_reference_is_refused(reference):
    with pytest.raises(ValueError, match="reference"):
        a_message(reference=reference)


def test_a_date_without_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        a_message(date=dt.datetime(2026, 9, 9, 12, 0))  # noqa: DTZ001 - the mistake under test
