"""The settings of the trainer, read from the environment."""

import os

from pydantic import Field

from relevo_runtime.settings import DatasetSettings, ServiceSettings
from relevo_storage import CatalogSettings, ObjectStoreSettings

SERVICE = "trainer"


class Settings(ServiceSettings, ObjectStoreSettings, CatalogSettings, DatasetSettings):
    """Shared addresses, and what only this service needs."""

    mlflow_tracking_uri: str = Field(
        default="http://127.0.0.1:5000", description="MLflow's server"
    )
    trainer_alias: str = Field(default="champion", description="the alias it moves")
    trainer_threads: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="per fit"
    )
