"""Where settings come from."""

import pytest
from pydantic import Field, ValidationError

from relevo_runtime.settings import DatasetSettings, ServiceSettings


class Settings(ServiceSettings, DatasetSettings):
    """The settings of a service named `cleaner`."""

    cleaner_split: str = Field(default="70/15/15")


def test_a_setting_is_read_from_the_variable_of_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")
    monkeypatch.setenv("HTTP_PORT", "81")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("CLEANER_SPLIT", "80/10/10")
    monkeypatch.setenv("RELEVO_ENVIRONMENT", "production")

    settings = Settings()

    assert settings.kafka_bootstrap_servers == "kafka:9092"
    assert (settings.http_port, settings.log_level) == (81, "DEBUG")
    assert settings.cleaner_split == "80/10/10"
    assert settings.environment == "production"


def test_a_stray_environment_variable_of_the_shell_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "prod")

    assert Settings().environment == "local"


def test_settings_are_not_changed_once_they_are_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().http_port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "datasets"),
    [
        (None, ("diabetes130",)),
        ("pima", ("pima",)),
        ("diabetes130, pima,covertype", ("diabetes130", "pima", "covertype")),
        ("pima,diabetes130,pima", ("pima", "diabetes130")),
    ],
)
def test_datasets_are_named_in_one_variable_each_once_the_first_one_first(
    monkeypatch: pytest.MonkeyPatch, text: str | None, datasets: tuple[str, ...]
) -> None:
    if text is not None:
        monkeypatch.setenv("RELEVO_DATASET", text)

    assert Settings().datasets == datasets


@pytest.mark.parametrize("text", ["", "pima,", " "])
def test_a_dataset_without_a_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("RELEVO_DATASET", text)

    with pytest.raises(ValidationError, match="RELEVO_DATASET"):
        Settings()
