"""Settings: what a variable may say, what is refused, and what production insists on."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from sqlalchemy import text

from dunning import CANNOT_LOAD, create_app
from dunning.records import db
from dunning.settings import Settings, SettingsError, keep_secret

PRODUCTION = {
    "DUNNING_ENV": "production",
    "DATABASE_URL": "postgresql+psycopg://dunning@db.example/dunning",
    "REDIS_URL": "rediss://redis.example:6380/0",
    "SMTP_URL": "smtp://user:pass@mail.example:587?starttls=1",
    "STORAGE_URL": "s3://letters/production",
    "PARTNER_URL": "https://partner.example/api",
    "PARTNER_TOKEN": "partner-token",
    "PARTNER_WEBHOOK_SECRET": "key",
    "SECRET_KEY": "s" * 32,
}


@pytest.fixture
def creditor(tmp_path: Path) -> dict[str, str]:
    """A policy file with a creditor of its own."""
    file = tmp_path / "policy.toml"
    file.write_text(
        '[creditor]\nname = "Shop AG"\niban = "DE89370400440532013000"\n[partner]\nname = "Inkasso AG"\n'
    )
    return {"DUNNING_POLICY": str(file)}


def test_without_variables_everything_is_embedded_in_the_home(make_settings, tmp_path):
    settings = make_settings()
    home = tmp_path / "home"
    assert settings.database_url == f"sqlite:///{home}/dunning.db"
    assert (settings.redis_url, settings.redis_embedded) == (f"unix://{home}/redis.sock", True)
    assert settings.storage_url == f"file://{home}/letters"
    assert settings.smtp_url is settings.partner_url is None
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.timezone.key == "Europe/Berlin"
    assert settings.mail_from == settings.policy.creditor.email
    assert not settings.production


def test_settings_cannot_be_changed(make_settings):
    with pytest.raises(FrozenInstanceError):
        make_settings().port = 1


def test_the_secret_is_made_once_and_closed_to_others(make_settings, tmp_path):
    first, second = make_settings().secret_key, make_settings().secret_key
    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "home/secret").stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: keep_secret(tmp_path / "secret"), range(64)))
    assert len(secrets) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_a_variable_may_be_the_content_of_a_file(make_settings, tmp_path):
    (tmp_path / "token").write_text("from-file\n")
    assert make_settings(PARTNER_TOKEN_FILE=str(tmp_path / "token")).partner_token == "from-file"


def test_a_variable_and_its_file_together_are_refused(make_settings, tmp_path):
    with pytest.raises(SettingsError, match=r"^PARTNER_TOKEN: given twice"):
        make_settings(PARTNER_TOKEN="a", PARTNER_TOKEN_FILE=str(tmp_path / "token"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DUNNING_ENV", "staging"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eight"),
        ("PORT", "²"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "postgresql://x/y"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "nonsense"),
        ("REDIS_URL", "http://x"),
        ("REDIS_URL", "redis://x:port"),
        ("SMTP_URL", "mail.example"),
        ("SMTP_URL", "smtp://user:pass@mail.example:587"),
        ("SMTP_URL", "smtp://user:pass@mail.example?starttls=0"),
        ("SMTP_URL", "smtp://user@mail.example?starttls=1"),
        ("SMTP_URL", "smtps://user:p%C3%A4ss@mail.example"),
        ("SMTP_URL", "smtps://mail.example?timeout=1"),
        ("SMTP_URL", "smtp://mail.example/path"),
        ("SMTP_URL", "smtp:mail.example"),
        ("SMTP_URL", "smtp://mail.example:mail"),
        ("SMTP_URL", "smtp://mail .example"),
        ("STORAGE_URL", "file://relative"),
        ("STORAGE_URL", "file:relative"),
        ("STORAGE_URL", "file:///"),
        ("STORAGE_URL", "file:///srv/letters?x=1"),
        ("STORAGE_URL", "s3:///letters"),
        ("STORAGE_URL", "s3:bucket"),
        ("PARTNER_URL", "http://partner.example"),
        ("PARTNER_URL", "https:///v1"),
        ("PARTNER_URL", "https://partner.example/v1?key=1"),
        ("PUBLIC_URL", "https:mahnlauf.example"),
        ("PUBLIC_URL", "https://mahnlauf.example/#top"),
        ("STORAGE_URL", "ftp://x"),
        ("PARTNER_URL", "partner.example"),
        ("PUBLIC_URL", "mahnlauf.example"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "a@b.example, c@d.example"),
        ("PARTNER_CONTACT", "x y@b.example"),
        ("DUNNING_TIMEZONE", "Mars/Olympus"),
        ("DUNNING_TIMEZONE", "../../etc/passwd"),
        ("DUNNING_POLICY", "/nowhere/policy.toml"),
        ("TRUSTED_PROXIES", "-1"),
        ("PARTNER_TOKEN_FILE", "/nowhere/token"),
    ],
)
def test_a_malformed_value_stops_the_start_with_one_line_that_names_it(make_settings, name, value):
    with pytest.raises(SettingsError) as refusal:
        make_settings(**{name: value})
    assert str(refusal.value).startswith(f"{name}:")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("url", ["http://partner.example", "http://10.0.0.1:80/api"])
@pytest.mark.parametrize("name", ["PARTNER_URL", "PUBLIC_URL"])
def test_in_production_nothing_leaves_the_machine_unencrypted(make_settings, creditor, name, url):
    with pytest.raises(SettingsError, match=f"^{name}: must begin with https://"):
        make_settings(**PRODUCTION | creditor | {name: url})


def test_a_refused_url_does_not_repeat_its_password(make_settings):
    with pytest.raises(SettingsError) as refusal:
        make_settings(SMTP_URL="mail://user:hush@mail.example")
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "key", "rule"),
    [
        ("[fees]\nfee_for_nothing = 1", "fees.fee_for_nothing", "unknown key"),
        ("[steps.first_letter]\nafter_days = '10'", "steps.first_letter.after_days", "valid integer"),
        ("[steps.handover]\nworking_days = 0", "steps.handover.working_days", "greater than or equal to 1"),
        ("[steps]\ncatch_up_days = -1", "steps.catch_up_days", "greater than or equal to 0"),
        ("[working_hours]\nstart = 'nine'", "working_hours.start", "time"),
        ("[fees]\nconsumer_cap = 300", "fees.consumer_cap", "less than or equal to 250"),
        ("[limits]\nminimum_claim = 0.5", "limits.minimum_claim", "valid integer"),
        ("[methods.paypal]\nunpaid = 'court'", "methods.paypal.unpaid", "'dunning'"),
        ("[claims]\ncountries = ['Germany']", "claims.countries.0", "match pattern"),
        ("[creditor]\niban = 'DE00'", "creditor", "valid IBAN"),
        ("[creditor\nname = 1", "not a TOML file", "line 1"),
    ],
)
def test_a_broken_policy_stops_the_start_and_names_key_and_rule(make_settings, tmp_path, text, key, rule):
    (tmp_path / "policy.toml").write_text(text)
    with pytest.raises(SettingsError) as refusal:
        make_settings(DUNNING_POLICY=str(tmp_path / "policy.toml"))
    assert str(refusal.value).startswith(f"DUNNING_POLICY: {key}")
    assert rule in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_production_names_every_missing_variable(make_settings):
    with pytest.raises(SettingsError) as refusal:
        make_settings(DUNNING_ENV="production")
    missing = {name for name in [*PRODUCTION, "DUNNING_POLICY"] if name in str(refusal.value).split(":")[0]}
    assert missing == {*PRODUCTION, "DUNNING_POLICY"} - {"DUNNING_ENV"}


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"DUNNING_ENV"}))
def test_production_refuses_to_start_without_one_of_them(make_settings, creditor, name):
    environ = PRODUCTION | creditor
    del environ[name]
    with pytest.raises(SettingsError, match=rf"^{name}: required"):
        make_settings(**environ)


def test_production_with_everything_starts_and_writes_no_secret(make_settings, creditor, tmp_path):
    settings = make_settings(**PRODUCTION, **creditor)
    assert settings.production
    assert not (tmp_path / "home/secret").exists()


def test_production_refuses_the_demo_creditor_and_the_demo_partner(make_settings, creditor):
    with pytest.raises(SettingsError, match=r"^DUNNING_POLICY \(\[creditor\] and \[partner\]: .+ required"):
        make_settings(**PRODUCTION)
    policy = Path(creditor["DUNNING_POLICY"])
    policy.write_text(policy.read_text().split("[partner]")[0])
    with pytest.raises(SettingsError, match=r"^DUNNING_POLICY \(\[partner\]: .+ required"):
        make_settings(**PRODUCTION, **creditor)


def test_production_refuses_a_short_secret(make_settings, creditor):
    with pytest.raises(SettingsError, match=r"^SECRET_KEY: needs at least 32 bytes"):
        make_settings(**PRODUCTION | creditor | {"SECRET_KEY": "short"})


def test_a_partner_that_reads_files_needs_no_token(make_settings, creditor):
    environ = PRODUCTION | creditor | {"PARTNER_URL": "file:///srv/partner"}
    del environ["PARTNER_TOKEN"]
    assert make_settings(**environ).partner_url == "file:///srv/partner"


@pytest.mark.parametrize("url", ["file://server/share", "file:///", "file:////", "file:srv/agency"])
def test_the_folder_of_a_partner_that_reads_files_is_one_of_this_machine(make_settings, url):
    with pytest.raises(SettingsError, match=r"^PARTNER_URL: needs the absolute path of a folder"):
        make_settings(PARTNER_URL=url)


def test_a_relative_database_file_counts_from_the_working_directory(make_settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert make_settings(DATABASE_URL="sqlite:///here.db").database_url == f"sqlite:///{tmp_path}/here.db"


def test_the_environment_of_a_process_is_not_asked(monkeypatch, tmp_path):
    monkeypatch.setenv("PORT", "9999")
    assert Settings.from_environment({"DUNNING_HOME": str(tmp_path)}).port == 8000


def test_a_wrong_variable_ends_the_process_with_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DUNNING_HOME", str(tmp_path))
    monkeypatch.setenv("PORT", "eight")
    with pytest.raises(SystemExit) as ending:
        create_app()
    assert ending.value.code == CANNOT_LOAD
    assert capsys.readouterr().err == "mahnlauf: PORT: must be a whole number from 1 to 65535\n"


def test_what_an_sqlite_file_has_committed_survives_a_power_cut(make_settings):
    with create_app(make_settings()).app_context():
        assert db.session.execute(text("pragma synchronous")).scalar() == 2  # full
        assert db.session.execute(text("pragma journal_mode")).scalar() == "wal"
        db.session.remove()
        db.engine.dispose()
