"""`flask partner webhook`: where the partner sends its news, and the key they are signed with."""

from sqlalchemy import select

from dunning.records import db
from dunning.sandbox.tables import SandboxWebhook
from tests.conftest import run_app


def test_the_partner_is_told_our_address_and_the_key_is_printed_once(app):
    result = app.test_cli_runner().invoke(args=["partner", "webhook"])
    assert result.exit_code == 0, result.output
    registered = db.session.scalars(select(SandboxWebhook)).one()
    assert registered.url.endswith("/partner/webhook")
    assert "mandate.updated" in registered.events
    assert result.stdout == f"{registered.secret_key}\n"


def test_an_agency_that_takes_files_has_no_webhook(make_settings, sqlite_url, tmp_path, request):
    settings = make_settings(DATABASE_URL=sqlite_url, PARTNER_URL=f"file://{tmp_path}")
    for app in run_app(settings, request):
        result = app.test_cli_runner().invoke(args=["partner", "webhook"])
        assert result.exit_code == 1
        assert "answers come as files" in result.output
