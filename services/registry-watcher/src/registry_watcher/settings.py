"""The settings of the registry-watcher, read from the environment."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from relevo_contracts.weak_secrets import refuse_weak
from relevo_runtime.settings import ServiceSettings
from relevo_storage import CatalogSettings, ObjectStoreSettings

SERVICE = "registry-watcher"


class Settings(ServiceSettings, ObjectStoreSettings, CatalogSettings):
    """Shared addresses, and what only this service needs."""

    mlflow_tracking_uri: str = Field("http://127.0.0.1:5000", description="MLflow's server")
    registry_watcher_url: str = Field(
        "http://127.0.0.1:8080", description="where MLflow reaches this service"
    )
    registry_watcher_webhook_secret: SecretStr = Field(
        description="with which MLflow signs its webhooks"
    )
    registry_watcher_alias: str = Field("champion", description="the alias to follow")
    registry_watcher_interval_seconds: float = Field(
        30.0, gt=0, description="the slow timer, for webhooks that were lost"
    )

    @model_validator(mode="after")
    def refuse_weak_webhook_secret(self) -> Self:
        """Raises ValueError outside of `local` for a secret that anybody would guess."""
        secret = self.registry_watcher_webhook_secret.get_secret_value()
        refuse_weak(self.environment, "REGISTRY_WATCHER_WEBHOOK_SECRET", secret)
        return self
