"""What a service reads of the environment about where objects and results are kept."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from relevo_contracts.weak_secrets import password_of, refuse_weak

SECRETS = Path("/run/secrets")


class SecretFiles(BaseSettings):
    """For settings with secrets: what is not in the environment may be a file.

    The file has the variable's name in lower case, as compose's `secrets` are mounted.
    """

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The arguments, the environment, else the files, where there is their folder."""
        files = file_secret_settings
        if SECRETS.is_dir():
            files = SecretsSettingsSource(settings_cls, secrets_dir=SECRETS)
        return init_settings, env_settings, dotenv_settings, files


class StorageSettings(SecretFiles):
    """What both of them need to know."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True
    )

    environment: Literal["local", "production"] = Field(
        default="local",
        validation_alias="RELEVO_ENVIRONMENT",
        description="outside of `local`, weak secrets are refused",
    )


class ObjectStoreSettings(StorageSettings):
    """Where objects are kept; all that a pod of inference may know of the storage."""

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


class CatalogSettings(StorageSettings):
    """Where results are kept."""

    catalog_url: SecretStr = Field(description="postgresql://user:password@host/name")

    @model_validator(mode="after")
    def refuse_weak_password(self) -> Self:
        """Raises ValueError outside of `local` for a password that anybody would guess."""
        password = password_of(self.catalog_url.get_secret_value())
        refuse_weak(self.environment, "the password in CATALOG_URL", password)
        return self
