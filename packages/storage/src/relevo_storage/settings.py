"""What `python -m relevo_storage.migrations` reads from the environment."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings


class MigrationSettings(BaseSettings):
    """CATALOG_URL, as every service that uses the catalog reads it."""

    catalog_url: SecretStr
