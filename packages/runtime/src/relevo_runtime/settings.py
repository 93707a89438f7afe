"""The settings that services share; a service's own settings inherit from these."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from relevo_runtime.http.settings import HttpSettings
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.names import Names
from relevo_runtime.telemetry.settings import TelemetrySettings

__all__ = ["DatasetSettings", "Names", "ServiceSettings"]


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
