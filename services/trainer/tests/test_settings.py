"""What the environment says."""

import pytest
from pydantic import ValidationError

from trainer.settings import Settings


@pytest.fixture(autouse=True)
def _required(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("S3_ACCESS_KEY", "S3_SECRET_KEY", "CATALOG_URL"):
        monkeypatch.setenv(name, "x")


def test_a_challenger_must_be_better_unless_the_setting_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings().trainer_policy == "better"

    monkeypatch.setenv("TRAINER_POLICY", "not_worse")
    assert Settings().trainer_policy == "not_worse"


@pytest.mark.parametrize(
    ("name", "value"), [("TRAINER_POLICY", "perfect"), ("TRAINER_THREADS", "0")]
)
def test_nonsense_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()
