"""The settings that services share; a service's own settings inherit from these."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from relevo_runtime.http.settings import HttpSettings
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.telemetry.settings import TelemetrySettings


def _names(value: object) -> object:
    """ "a,b" -> ("a", "b"), each once."""
    names = value.split(",") if isinstance(value, str) else value
    return tuple(dict.fromkeys(map(str.strip, names))) if isinstance(names, list) else value


Names = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...], NoDecode, BeforeValidator(_names)
]
"""name,name in the environment; each name counts once."""


class ServiceSettings(KafkaSettings, HttpSettings, TelemetrySettings):
    """What every service reads; a field's environment variable is its upper-case name."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True
    )

    environment: Literal["local", "production"] = Field(
        default="local",
        validation_alias="RELEVO_ENVIRONMENT",
        description="outside of `local`, weak secrets are refused",
    )
    reconcile_interval_seconds: float = Field(
        default=60.0,
        gt=0,
        description="how often what must hold is compared with where it is kept",
    )


class DatasetSettings(BaseSettings):
    """For services that must know which datasets the platform learns from."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True
    )

    datasets: Names = Field(
        default=("diabetes130",),
        min_length=1,
        validation_alias="RELEVO_DATASET",
        description="name,name: what the platform learns from, the first one first",
    )
