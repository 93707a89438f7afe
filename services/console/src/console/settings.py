"""The settings of the console, read from the environment."""

from pathlib import Path

from pydantic import Field, SecretStr

from relevo_runtime.settings import DatasetSettings, Names, ServiceSettings
from relevo_storage import CatalogSettings, ObjectStoreSettings

SERVICE = "console"


class Settings(ServiceSettings, ObjectStoreSettings, CatalogSettings, DatasetSettings):
    """Shared addresses, whom the console asks, and where its pages lead."""

    mlflow_tracking_uri: str = Field(
        "http://127.0.0.1:5000", description="MLflow, as the console reaches it"
    )
    data_api_url: str | None = Field(None, description="the data source")
    relevo_api_key: SecretStr | None = Field(
        None, description="with which it asks pods and services, of `predict` and `read`"
    )
    console_lag_watcher_url: str | None = Field(None, description="the lag-watcher")
    console_trainer_url: str | None = Field(None, description="the trainer's metrics")
    console_inference_urls: Names = Field(
        ("http://127.0.0.1:8000",),
        min_length=1,
        description="url,url: the pods that are asked for predictions, in turn",
    )
    console_prometheus_url: str | None = Field(
        None, description="whose alerts are shown; unset: none are known"
    )
    console_processes_file: Path | None = Field(
        None, description="where a supervisor on this machine writes what its processes do"
    )
    console_prefix: str = Field(
        "",
        pattern=r"^(/[\w.-]+)*$",
        description="the path below which a proxy shows it, such as /relevo",
    )
    console_mlflow_link: str | None = Field(
        None, description="MLflow, as a person's browser reaches it"
    )
    console_grafana_link: str | None = Field(None, description="Grafana, likewise")
    console_traces_link: str | None = Field(None, description="Jaeger, likewise")
