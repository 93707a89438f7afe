"""The settings of the ingestor, read from the environment."""

from typing import Annotated

from pydantic import AfterValidator, Field

from ingestor.source_clock import source_clock
from relevo_runtime.settings import DatasetSettings, ServiceSettings
from relevo_storage import CatalogSettings, ObjectStoreSettings

SERVICE = "ingestor"


def _plan(text: str) -> str:
    """The text, when it is a plan; raises ValueError for another."""
    source_clock(text)
    return text


class Settings(ServiceSettings, DatasetSettings, ObjectStoreSettings, CatalogSettings):
    """Shared addresses, and what only this service needs."""

    data_api_url: str = Field(
        pattern=r"^https?://", description="where the data source is, http:// or https://"
    )
    ingestor_source_schedule: Annotated[str, AfterValidator(_plan)] = Field(
        "",
        description="when the source is awake, e.g. 08:55-23:55 America/Lima; "
        "empty: always",
    )
    ingestor_source_instance: str = Field(
        "", description="the source's EC2 machine, whose state is shown; empty: none"
    )
    ingestor_source_region: str = Field("us-east-1", description="where that machine is")
    ingestor_max_bytes: int = Field(
        64 * 1024 * 1024, gt=0, description="of one batch, as it is sent and unpacked"
    )
    ingestor_max_rows: int = Field(50_000, gt=0, description="of one batch")
