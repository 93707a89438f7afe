"""Where the storage's settings come from, and which secrets are refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from relevo_storage import CatalogSettings, ObjectStoreSettings, settings


class Settings(ObjectStoreSettings, CatalogSettings):
    """The settings of a service that needs both."""


REQUIRED = {
    "S3_ACCESS_KEY": "key",
    "S3_SECRET_KEY": "a long secret",
    "CATALOG_URL": "postgresql://relevo:hidden@127.0.0.1/catalog",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize("name", REQUIRED)
def test_what_is_required_has_no_default(
    environment: pytest.MonkeyPatch, name: str
) -> None:
    environment.delenv(name)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_a_secret_may_be_a_file_and_the_environment_comes_before_it(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setattr(settings, "SECRETS", tmp_path)
    (tmp_path / "s3_secret_key").write_text("of the file\n")
    (tmp_path / "catalog_url").write_text("postgresql://relevo:file@db/catalog\n")
    environment.delenv("S3_SECRET_KEY")

    found = Settings()

    assert found.s3_secret_key.get_secret_value() == "of the file"
    assert found.catalog_url.get_secret_value() == REQUIRED["CATALOG_URL"]


@pytest.mark.parametrize(
    ("name", "weak", "complaint"),
    [
        ("S3_SECRET_KEY", "minioadmin", "S3_SECRET_KEY"),
        ("S3_SECRET_KEY", "Local-Only", "S3_SECRET_KEY"),
        ("CATALOG_URL", "postgresql://relevo:local-only@db/catalog", "CATALOG_URL"),
        ("CATALOG_URL", "postgresql://relevo:%73ecret@db/catalog", "CATALOG_URL"),
        ("CATALOG_URL", "postgresql://relevo:@db/catalog", "CATALOG_URL"),
        ("CATALOG_URL", "postgresql://db/catalog?password=postgres", "CATALOG_URL"),
    ],
)
def test_a_secret_that_anybody_would_guess_is_refused_in_production_only(
    environment: pytest.MonkeyPatch, name: str, weak: str, complaint: str
) -> None:
    environment.setenv(name, weak)
    Settings()

    environment.setenv("RELEVO_ENVIRONMENT", "production")
    with pytest.raises(ValidationError, match=f"{complaint} is a well-known word"):
        Settings()


def test_a_password_that_is_kept_outside_of_the_url_is_fine_in_production(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("CATALOG_URL", "postgresql://relevo@db/catalog")
    environment.setenv("RELEVO_ENVIRONMENT", "production")

    assert Settings().environment == "production"


def test_no_secret_is_in_what_settings_print_or_complain(
    environment: pytest.MonkeyPatch,
) -> None:
    settings = Settings()
    assert "hidden" not in repr(settings)
    assert "a long secret" not in repr(settings)

    environment.setenv("RELEVO_ENVIRONMENT", "none")
    with pytest.raises(ValidationError) as refusal:
        Settings()
    assert "a long secret" not in str(refusal.value)
