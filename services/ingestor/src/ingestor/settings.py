"""The settings of the ingestor, read from the environment."""

from pydantic import Field

from relevo_runtime.settings import ServiceSettings, StorageSettings


class Settings(ServiceSettings, StorageSettings):
    """Shared addresses, and what only this service needs."""

    data_api_url: str = Field(
        pattern=r"^https?://", description="where the data source is, http:// or https://"
    )
    ingestor_dataset: str = Field("diabetes130", description="what its tables mean")
    ingestor_max_bytes: int = Field(
        64 * 1024 * 1024, gt=0, description="of one batch, as it is sent and unpacked"
    )
    ingestor_max_rows: int = Field(50_000, gt=0, description="of one batch")
