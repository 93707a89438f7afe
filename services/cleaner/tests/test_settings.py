"""The cleaner's settings are read as people write them."""

import pytest
from pydantic import ValidationError

from cleaner.settings import Settings
from relevo_datasets.splitting import SplitRatios


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("S3_ACCESS_KEY", "key")
    monkeypatch.setenv("S3_SECRET_KEY", "a secret of this test")
    monkeypatch.setenv("CATALOG_URL", "postgresql://127.0.0.1/catalog")
    return monkeypatch


def test_the_rules_have_the_documented_defaults(environment: pytest.MonkeyPatch) -> None:
    rules = Settings().rules

    assert rules.ratios == SplitRatios(70, 15, 15)
    assert (rules.salt, rules.target) == ("relevo", None)
    assert rules.limits.max_quarantined_share == 0.05
    assert rules.limits.min_rows == 100


def test_the_rules_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CLEANER_SPLIT", "80/10/10")
    environment.setenv("CLEANER_SPLIT_SALT", "seed 2")
    environment.setenv("CLEANER_TARGET", "any")
    environment.setenv("CLEANER_MAX_QUARANTINED_SHARE", "0.2")

    rules = Settings().rules

    assert rules.ratios == SplitRatios(80, 10, 10)
    assert (rules.salt, rules.target) == ("seed 2", "any")
    assert rules.limits.max_quarantined_share == 0.2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLEANER_SPLIT", "80/20"),
        ("CLEANER_SPLIT", "100/0/0"),
        ("CLEANER_MAX_QUARANTINED_SHARE", "5"),
        ("CLEANER_MIN_ROWS", "0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()
