"""Where a person's own declarations lie, read from the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DatasetSettings(BaseSettings):
    """What the package reads."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    folder: Path | None = Field(
        default=None,
        validation_alias="RELEVO_DATASETS",
        description="a folder of declarations beside those that ship",
    )
