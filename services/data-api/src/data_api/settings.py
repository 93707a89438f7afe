"""What the data API reads from the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment names are the upper-case names of the fields."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    data_api_folder: Path = Field(
        default=Path(__file__).parent / "data",
        description="Parquet files, one per batch, handed out in the order of their names",
    )
    data_api_interval_seconds: float = Field(
        default=300.0, gt=0, allow_inf_nan=False, description="from one batch to the next"
    )
    data_api_epoch: float | None = Field(
        default=None,
        allow_inf_nan=False,
        description="when the first batch is released, in unix seconds; else at the start",
    )
    data_api_start_file: Path | None = Field(
        default=None,
        description="keeps the moment of the first start for the restarts that follow",
    )
