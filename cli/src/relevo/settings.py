"""What the command reads from the environment: where a platform is."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from relevo_storage.settings import SecretFiles


class Settings(SecretFiles):
    """`RELEVO_KAFKA=host:port` and so on; what is not set is taken from the state folder.

    Options of a command come before these.
    """

    model_config = SettingsConfigDict(
        env_prefix="RELEVO_", env_ignore_empty=True, use_attribute_docstrings=True
    )

    state: Path = Path(".relevo")
    """The state folder: what `relevo up` writes, and where the others look."""
    kafka: str | None = None
    """The broker, as host:port."""
    catalog_url: SecretStr | None = None
    """The catalog, as postgresql://user:password@host/name."""
    s3_endpoint_url: str | None = None
    """The object store's URL."""
    s3_access_key: str | None = None
    """Its access key."""
    s3_secret_key: SecretStr | None = None
    """Its secret key."""
    s3_bucket: str = "batches"
    """The bucket of our objects."""
    data_api: str | None = None
    """The data source's URL."""
    lag_watcher: str | None = None
    """The lag-watcher's URL."""
    trainer: str | None = None
    """The trainer's URL."""
    mlflow: str | None = None
    """MLflow's URL."""
    inference: str | None = None
    """The pods' addresses, separated by commas."""
    dataset: str | None = None
    """The datasets that the platform learns from, separated by commas."""
    api_key: SecretStr | None = None
    """The key that pods and services are asked with, of scope `read`."""
    api_keys_file: Path | None = Field(None, validation_alias="API_KEYS_FILE")
    """The file that `relevo keys` writes, and `relevo up` lets the services read."""
    traceback: bool = False
    """Show where in the code an unexpected error came from."""
