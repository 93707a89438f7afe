"""The settings that services share; a service's own settings inherit from these."""

from typing import Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

WEAK_SECRETS = {
    "",
    "admin",
    "changeme",
    "changethis",
    "local-only",  # compose.yaml's default
    "minioadmin",
    "password",
    "postgres",
    "relevo",
    "secret",
}


def refuse_weak(environment: str, name: str, secret: str | None) -> None:
    """Raises ValueError outside of `local` for a secret that anybody would guess.

    None: there is no secret to guess.
    """
    if environment != "local" and secret is not None and secret.lower() in WEAK_SECRETS:
        raise ValueError(f"{name} is a well-known word: set one of your own")


def password_of(url: str) -> str | None:
    """The password in a database URL; None when it is kept elsewhere (as in ~/.pgpass)."""
    parts = urlsplit(url)
    if parts.password is not None:
        return unquote(parts.password)
    return parse_qs(parts.query, keep_blank_values=True).get("password", [None])[-1]


class ServiceSettings(BaseSettings):
    """What every service reads; a field's environment variable is its upper-case name."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True
    )

    environment: Literal["local", "production"] = Field(
        default="local",
        validation_alias="RELEVO_ENVIRONMENT",
        description="outside of `local`, weak secrets are refused",
    )
    kafka_bootstrap_servers: str = Field(
        default="127.0.0.1:9092", description="host:port,host:port"
    )
    kafka_group_instance_id: str | None = Field(
        default=None,
        description="a name of its own for each process: a quick restart keeps its "
        "partitions; two processes with one name steal them from each other",
    )
    kafka_session_timeout_seconds: float = Field(
        default=10.0, gt=0, description="after this silence the group works without us"
    )
    kafka_publish_timeout_seconds: float = Field(
        default=15.0, gt=0, description="a broker that takes longer is away"
    )
    delivery_attempts: int = Field(
        default=3, ge=1, description="how often a handler with a bug is tried"
    )
    delivery_first_delay_seconds: float = Field(
        default=0.2, gt=0, description="before a message is read again; doubles"
    )
    delivery_longest_delay_seconds: float = Field(
        default=15.0, gt=0, description="between two attempts in a long outage"
    )
    drain_seconds: float = Field(
        default=8.0,
        gt=0,
        description="how long a stop or a rebalance waits for the running handler",
    )
    stop_delay_seconds: float = Field(
        default=0.0,
        ge=0,
        description="after SIGTERM /ready is 503 and requests are still taken for so long",
    )
    http_host: str = Field(default="127.0.0.1", description="where the server listens")
    http_port: int = Field(default=8080, ge=0, le=65535, description="its port")
    otel_exporter_otlp_endpoint: str | None = Field(
        default=None,
        description="where traces go, e.g. http://127.0.0.1:4318; unset: no traces",
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING, ERROR")
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="auto: pretty on a terminal, else JSON"
    )


class ObjectStoreSettings(BaseSettings):
    """Where objects are kept; all that a pod of inference may know of the storage."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True
    )

    environment: Literal["local", "production"] = Field(
        default="local", validation_alias="RELEVO_ENVIRONMENT"
    )
    s3_endpoint_url: str = Field(
        default="http://127.0.0.1:8333", description="the S3 server"
    )
    s3_access_key: str = Field(description="its access key")
    s3_secret_key: SecretStr = Field(description="its secret key")
    s3_bucket: str = Field(default="batches", description="the bucket of our objects")

    @model_validator(mode="after")
    def refuse_weak_secrets(self) -> Self:
        """Raises ValueError outside of `local` for a key that anybody would guess."""
        secret = self.s3_secret_key.get_secret_value()
        refuse_weak(self.environment, "S3_SECRET_KEY", secret)
        return self


class StorageSettings(ObjectStoreSettings):
    """Where objects and results are kept; for services that need both."""

    catalog_url: SecretStr = Field(description="postgresql://user:password@host/name")

    @model_validator(mode="after")
    def refuse_weak_password(self) -> Self:
        """Raises ValueError outside of `local` for a password that anybody would guess."""
        password = password_of(self.catalog_url.get_secret_value())
        refuse_weak(self.environment, "the password in CATALOG_URL", password)
        return self
