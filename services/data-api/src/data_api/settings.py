"""What the data API reads from the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from data_api.sources import Source, parse_names, parse_sources


class Settings(BaseSettings):
    """Environment names are the upper-case names of the fields."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    http_host: str = Field(default="127.0.0.1", description="where the server listens")
    http_port: int = Field(default=8080, ge=0, le=65535, description="its port")
    relevo_dataset: Annotated[tuple[str, ...], NoDecode, BeforeValidator(parse_names)] = (
        Field(
            default=(),
            description="name,name: which datasets are handed out; diabetes130 when "
            "nothing else is",
        )
    )
    data_api_sources: Annotated[
        tuple[Source, ...], NoDecode, BeforeValidator(parse_sources)
    ] = Field(
        default=(),
        description="name=path,name=path:ROWS:headless: a folder of Parquet and CSV files, "
        "one per batch, or one file that is cut into batches of so many rows",
    )
    data_api_folder: Path | None = Field(
        default=None,
        description="where the source of a name of RELEVO_DATASET is looked for, before "
        "what is shipped: as NAME.toml says (source.path, batch_rows, header), else NAME/, "
        "NAME.parquet or NAME.csv",
    )
    data_api_state: Path | None = Field(
        default=None,
        description="keeps the batches' numbers and the first start for the restarts "
        "that follow",
    )
    data_api_interval_seconds: float = Field(
        default=300.0, gt=0, allow_inf_nan=False, description="from one batch to the next"
    )
    data_api_epoch: float | None = Field(
        default=None,
        allow_inf_nan=False,
        description="when the first batch is released, in unix seconds; else at the start",
    )
