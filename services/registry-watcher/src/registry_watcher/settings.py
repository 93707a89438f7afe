"""The settings of the registry-watcher, read from the environment."""

from pydantic import Field, SecretStr

from relevo_runtime.settings import ServiceSettings, StorageSettings


class Settings(ServiceSettings, StorageSettings):
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
