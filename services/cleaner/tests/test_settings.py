"""The cleaner's settings are read as people write them."""

import pytest
from pydantic import ValidationError

from cleaner.app import build
from cleaner.settings import Settings
from relevo_contracts import PoisonError
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
    assert (rules.salt, rules.targets) == ("relevo", {})
    assert rules.limits.max_quarantined_share == 0.05
    assert rules.limits.min_rows == 100
    assert (rules.limits.max_unknown_rise, rules.limits.max_lost_share) == (0.2, 0.7)


def test_the_rules_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CLEANER_SPLIT", "80/10/10")
    environment.setenv("CLEANER_SPLIT_SALT", "seed 2")
    environment.setenv("CLEANER_TARGET", "any")
    environment.setenv("CLEANER_MAX_QUARANTINED_SHARE", "0.2")
    environment.setenv("CLEANER_MAX_UNKNOWN_RISE", "0.3")
    environment.setenv("CLEANER_MAX_LOST_SHARE", "1")

    rules = Settings().rules

    assert rules.ratios == SplitRatios(80, 10, 10)
    assert (rules.salt, rules.targets) == ("seed 2", {"diabetes130": "any"})
    assert rules.limits.max_quarantined_share == 0.2
    assert (rules.limits.max_unknown_rise, rules.limits.max_lost_share) == (0.3, 1.0)


def test_each_dataset_may_have_a_target_of_its_own(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("RELEVO_DATASET", "pima,diabetes130")
    environment.setenv("CLEANER_TARGET", "diabetes130=any, Outcome")

    assert Settings().rules.targets == {"diabetes130": "any", "pima": "Outcome"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLEANER_SPLIT", "80/20"),
        ("CLEANER_SPLIT", "100/0/0"),
        ("CLEANER_MAX_QUARANTINED_SHARE", "5"),
        ("CLEANER_MIN_ROWS", "0"),
        ("CLEANER_MAX_UNKNOWN_RISE", "-1"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("CLEANER_TARGET", "cured", "diabetes130 has no target 'cured'; it has: <30, any"),
        ("RELEVO_DATASET", "iris", "no dataset 'iris'; there are: .*diabetes130"),
    ],
)
def test_what_no_dataset_has_is_told_at_the_start(
    environment: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    environment.setenv(name, value)

    with pytest.raises(PoisonError, match=reason):
        build(Settings())
