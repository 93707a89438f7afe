"""The settings of the ingestor, read from the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingestor.source_clock import source_clock
from relevo_datasets import Dataset
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.settings import DatasetSettings, ServiceSettings
from relevo_storage import CatalogSettings, ObjectStoreSettings

SERVICE = "ingestor"
MIB = 1024 * 1024


def _plan(text: str) -> str:
    """The text, when it is a plan; raises ValueError for another."""
    source_clock(text)
    return text


class SourceSettings(BaseSettings):
    """Where sources are, and how much may come from them; enough to ask one."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True
    )

    data_api_url: str = Field(
        "",
        pattern=r"^(https?://.+)?$",
        description="where the numbered sources are, http:// or https://",
    )
    ingestor_sources: dict[str, SecretStr] = Field(
        {},
        description="by dataset, where its source is if not where its declaration says, "
        'e.g. {"pima": "https://me:secret@host/get_data"}; of kind kafka: the brokers',
    )
    ingestor_bucket_endpoint_url: str = Field(
        "", description="the S3 server of the buckets; empty: the platform's own"
    )
    ingestor_bucket_access_key: str = Field("", description="its access key")
    ingestor_bucket_secret_key: SecretStr = Field(
        SecretStr(""), description="its secret key"
    )
    ingestor_max_bytes: int = Field(
        64 * MIB, gt=0, description="of one batch, as it is sent and unpacked"
    )
    ingestor_max_rows: int = Field(50_000, gt=0, description="of one batch")
    ingestor_max_memory_bytes: int = Field(
        384 * MIB, gt=0, description="that reading one batch may take"
    )
    ingestor_max_read_seconds: float = Field(
        30.0, gt=0, description="that reading one batch may take"
    )

    def address_of(self, dataset: Dataset) -> str:
        """Where its source is, "" for a place that is known otherwise.

        Raises ValueError for a numbered source while nobody says where.
        """
        if own := self.ingestor_sources.get(dataset.name):
            return own.get_secret_value()
        if dataset.source.kind == "numbered" and not self.data_api_url:
            raise ValueError(
                f"nobody says where the batches of {dataset.name} are: set DATA_API_URL,"
                " or a [source] with a `kind` in its declaration"
            )
        return dataset.source.url or self.data_api_url

    def folder_of(self, dataset: Dataset) -> Path:
        """The folder in which its batches appear."""
        own = self.ingestor_sources.get(dataset.name)
        return Path(own.get_secret_value()) if own else dataset.source.path or Path()

    def brokers_of(self, dataset: Dataset) -> str:
        """The Kafka that has its topic: the platform's own where nobody names another."""
        own = self.ingestor_sources.get(dataset.name)
        return own.get_secret_value() if own else KafkaSettings().kafka_bootstrap_servers

    def bucket(self, name: str) -> ObjectStoreSettings:
        """A bucket of strangers, with their server and keys, else with the platform's."""
        own = {
            "s3_endpoint_url": self.ingestor_bucket_endpoint_url,
            "s3_access_key": self.ingestor_bucket_access_key,
            "s3_secret_key": self.ingestor_bucket_secret_key.get_secret_value(),
        }
        given = {key: value for key, value in own.items() if value}
        return ObjectStoreSettings.model_validate(given | {"s3_bucket": name})


class Settings(
    ServiceSettings, DatasetSettings, ObjectStoreSettings, CatalogSettings, SourceSettings
):
    """Shared addresses, and what only this service needs."""

    ingestor_source_schedule: Annotated[str, AfterValidator(_plan)] = Field(
        "",
        description="when the source is awake, e.g. 08:55-23:55 America/Lima; "
        "empty: always",
    )
    ingestor_source_instance: str = Field(
        "", description="the source's EC2 machine, whose state is shown; empty: none"
    )
    ingestor_source_region: str = Field("us-east-1", description="where that machine is")
