"""What the command reads from the environment: where a platform is."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`RELEVO_KAFKA=host:port` and so on; what is not set is taken from the state folder.

    Options of a command come before these.
    """

    model_config = SettingsConfigDict(env_prefix="RELEVO_", env_ignore_empty=True)

    state: Path = Path(".relevo")
    kafka: str | None = None
    catalog_url: SecretStr | None = None
    data_api: str | None = None
    lag_watcher: str | None = None
    trainer: str | None = None
    mlflow: str | None = None
    inference: str | None = None
    """The pods' addresses, separated by commas."""
    dataset: str | None = None
    """The datasets that the platform learns from, separated by commas."""
    traceback: bool = False
    """Show where in the code an unexpected error came from."""
