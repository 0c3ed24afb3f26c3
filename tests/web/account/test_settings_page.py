"""The settings page: what is typed is understood or given back, the option is locked for 30 days."""

import datetime as dt
import re

import pytest

from dunning.actions.dossier.dossier import read_settings
from dunning.records import db, transaction
from dunning.records.journal import History
from dunning.records.people import IncassoSettings
from dunning.records.queries.vendors.settings import OpenedCase
from dunning.rules.gates import Settings
from dunning.web.account.settings_form import fill_settings, play_settings, read_wanted
from dunning.web.request.current import current_desk
from tests.builders import a_user, a_vendor
from tests.statements import counted_statements
from tests.web.world import AUTOMATIC, text_of

FORM = {"scheme": "2", "automatic": "on", "threshold": "0", "threshold_own": "", "remainder": "forgive_small"}


@pytest.fixture
def vendor_id(app) -> int:
    return a_vendor(incasso_schema=0, incasso_review=True)


@pytest.fixture
def browser(client, vendor_id):
    client.login_as(a_user(vendor_id=vendor_id, name="Sevgi Beispiel"))
    return client


def saved(vendor_id: int) -> Settings:
    db.session.rollback()
    return read_settings(db.session.get_one(IncassoSettings, vendor_id, populate_existing=True))


def choose_earlier(vendor_id: int, days: int) -> None:
    """The option was chosen so many days ago."""
    today = current_desk().today
    with transaction() as session:
        settings = session.get_one(IncassoSettings, vendor_id)
        settings.incasso_schema, settings.schema_changed_on = 2, today - dt.timedelta(days)


def checked(page: str, name: str) -> list[str]:
    """The values of a field that are chosen on a page."""
    boxes = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    return [re.search(r'value="([^"]*)"', box)[1] for box in boxes if " checked" in box]


def test_each_reader_gets_the_statuses_name_in_their_own_language(browser):
    names = {"de": "„Bereit zur Übergabe“", "en": "“Ready for handover”"}
    for language in ("de", "en", "de"):
        browser.set_cookie("lang", language)
        assert names[language] in browser.get("/settings").text


def test_a_stranger_is_asked_to_log_in_and_staff_find_nothing(app):
    assert app.test_client().get("/settings").status_code == 303
    staff = app.test_client()
    staff.login_as(a_user("support"))
    assert staff.get("/settings").status_code == 404
    assert staff.send("/settings", FORM).status_code == 404


def test_without_a_token_nothing_is_saved(browser, vendor_id):
    assert browser.post("/settings", data=FORM).status_code == 400
    assert saved(vendor_id).scheme == 0


def test_the_options_have_names_and_never_letters(browser):
    page = text_of(browser.get("/settings").text)
    assert "Mahnwesen + Inkasso + gerichtliches Mahnverfahren" in page
    assert "Option A" not in page
    assert "Noch keine Mahnoption gewählt." in page


def test_everything_typed_is_saved(browser, vendor_id):
    form = {
        "scheme": "3",
        "automatic": "on",
        "threshold": "500",
        "auto_chargebacks": "on",
        "remainder": "pursue",
    }
    answer = browser.send("/settings", form)
    assert answer.status_code == 303
    assert answer.location == "/settings"
    assert saved(vendor_id) == Settings(
        3, review=False, threshold=500_00, auto_chargebacks=True, remainder="pursue"
    )
    page = browser.get("/settings")
    assert "Die Einstellungen sind gespeichert." in text_of(page.text)
    assert checked(page.text, "threshold") == ["500"]
    assert checked(page.text, "scheme") == ["3"]


def test_the_limit_itself_is_not_over_the_limit(browser):
    words = text_of(browser.get("/settings").text)
    assert "ab einem offenen Betrag" not in words
    assert "wenn „eigener Betrag“ gewählt ist, für Beträge darüber." in words


def test_boxes_not_ticked_are_off(browser, vendor_id):
    browser.send("/settings", FORM | {"auto_chargebacks": "on"})
    browser.send("/settings", {"threshold": "0", "remainder": "forgive"})
    assert saved(vendor_id) == Settings(2, review=True, threshold=0, remainder="forgive")


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("1.234,56", 1234_56), ("1234,56", 1234_56), ("1,234.56", 1234_56), (" 75 ", 75_00), ("0,01", 1)],
)
def test_an_own_amount_is_understood_as_people_write_it(browser, vendor_id, typed, cents):
    assert browser.send("/settings", FORM | {"threshold": "own", "threshold_own": typed}).status_code == 303
    assert saved(vendor_id).threshold == cents
    page = browser.get("/settings").text
    assert checked(page, "threshold") == ["own"]


@pytest.mark.parametrize("typed", ["1.234", "abc", "", "-5", "1e5", "12,345,6", "<script>", "9" * 30, "٣"])
def test_an_own_amount_that_is_none_is_given_back(browser, vendor_id, typed):
    before = saved(vendor_id)
    answer = browser.send(
        "/settings", FORM | {"threshold": "own", "threshold_own": typed, "remainder": "pursue"}
    )
    assert answer.status_code == 422
    assert saved(vendor_id) == before
    assert 'href="#threshold_own"' in answer.text
    field = re.search(r'<input[^>]*id="threshold_own"[^>]*>', answer.text)[0]
    assert 'aria-invalid="true"' in field
    assert checked(answer.text, "remainder") == ["pursue"]
    assert "<script>" not in answer.text.replace("<script src", "")


@pytest.mark.parametrize(
    "wrong", [{"scheme": "4"}, {"scheme": "x"}, {"threshold": "300"}, {"remainder": "all"}]
)
def test_a_value_that_is_not_offered_is_refused(browser, vendor_id, wrong):
    answer = browser.send("/settings", FORM | wrong)
    assert answer.status_code == 422
    assert saved(vendor_id).scheme == 0
    assert f'href="#{next(iter(wrong))}"' in answer.text


def test_the_option_once_chosen_cannot_be_unchosen(browser, vendor_id):
    choose_earlier(vendor_id, 100)
    assert browser.send("/settings", FORM | {"scheme": "0"}).status_code == 422


def test_the_first_choice_is_free_and_starts_the_period(browser, vendor_id):
    assert browser.send("/settings", FORM).status_code == 303
    until = current_desk().today + dt.timedelta(30)
    page = browser.get("/settings").text
    assert f"Wieder änderbar ab {until:%d.%m.%Y}." in text_of(page)
    assert "durch Sevgi Beispiel" in text_of(page)
    assert '<fieldset id="scheme" disabled>' in page


def test_within_thirty_days_the_option_stays_and_says_until_when(browser, vendor_id):
    choose_earlier(vendor_id, 29)
    answer = browser.send("/settings", FORM | {"scheme": "1"})
    assert answer.status_code == 422
    tomorrow = current_desk().today + dt.timedelta(1)
    assert f"Die Mahnoption ist wieder änderbar ab {tomorrow:%d.%m.%Y}." in text_of(answer.text)
    assert saved(vendor_id).scheme == 2


def test_on_the_thirtieth_day_it_can_be_changed(browser, vendor_id):
    choose_earlier(vendor_id, 30)
    assert "disabled" not in re.search(r'<fieldset id="scheme"[^>]*>', browser.get("/settings").text)[0]
    assert browser.send("/settings", FORM | {"scheme": "1"}).status_code == 303
    assert saved(vendor_id).scheme == 1


def test_a_locked_option_is_not_sent_and_everything_else_can_be_changed(browser, vendor_id):
    choose_earlier(vendor_id, 5)
    without = {name: value for name, value in FORM.items() if name != "scheme"}
    assert browser.send("/settings", without | {"threshold": "100"}).status_code == 303
    assert saved(vendor_id) == Settings(2, review=False, threshold=100_00)


def test_a_form_sent_twice_is_saved_once(browser, vendor_id):
    form = FORM | {"form_key": "once"}
    assert [browser.send("/settings", form).status_code for _ in range(2)] == [303, 303]
    assert db.session.query(History).filter_by(vendor_id=vendor_id, verb="change_settings").count() == 1


def test_the_page_speaks_english(browser):
    browser.set_cookie("lang", "en")
    page = text_of(browser.get("/settings").text)
    assert "Automatic handover" in page
    assert "over €1,000" in page


def test_what_the_settings_mean_is_counted_on_the_latest_cases():
    cases = [OpenedCase(100_00, False), OpenedCase(100_01, False), OpenedCase(50_00, True)]
    found = play_settings(Settings(2, review=False, threshold=100_00), cases)
    assert (found.automatic.count, found.at_handover.count, found.at_approval.count) == (1, 1, 1)
    assert found.automatic.cents == 100_01
    assert play_settings(Settings(2, review=True), cases).at_approval.count == 3
    by_itself = play_settings(Settings(2, review=False, auto_chargebacks=True), cases)
    assert by_itself.automatic.count == 3


def test_the_picture_has_a_part_for_each_share():
    found = play_settings(
        Settings(2, review=False, threshold=1), [OpenedCase(1, False), OpenedCase(2, False)]
    )
    assert [(bar.x, bar.width) for bar in found.bars] == [(0, 148), (150, 148)]


def test_every_form_reads_back_as_what_was_saved():
    for settings in (Settings(), Settings(3, False, 123_45, True, "forgive"), Settings(1, False, 1_000_000)):
        assert read_wanted(fill_settings(settings), settings) == settings


def test_the_page_takes_few_statements(world):
    browser = world.vendor(AUTOMATIC)
    with counted_statements() as seen:
        assert browser.get("/settings").status_code == 200
    assert len(seen) <= 6, "\n".join(seen)
