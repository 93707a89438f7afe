"""`python -m relevo_storage.migrations`: bring the catalog of CATALOG_URL up to date."""

import asyncio

from relevo_storage.migrations import migrate
from relevo_storage.settings import CatalogSettings

settings = CatalogSettings()
version = asyncio.run(migrate(settings.catalog_url.get_secret_value()))
print(f"the catalog's schema is at version {version}")
