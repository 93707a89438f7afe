"""The settings that services share; a service's own settings inherit from these."""

import ipaddress
from typing import Literal, Self

from pydantic import Field, model_validator
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

    @model_validator(mode="after")
    def refuse_open_doors(self) -> Self:
        """Raises ValueError outside of `local` for a door to all without keys."""
        is_open = not (self.api_keys_file or is_loopback(self.http_host))
        if self.environment != "local" and is_open:
            raise ValueError(
                f"HTTP_HOST={self.http_host} is reached from other machines, and"
                f" RELEVO_ENVIRONMENT={self.environment} wants keys then: write some by"
                " `relevo keys new NAME --scope predict --file FILE`, and set"
                " API_KEYS_FILE=FILE"
            )
        return self


def is_loopback(host: str) -> bool:
    """True for addresses that only this machine reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
