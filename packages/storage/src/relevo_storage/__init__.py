"""Where objects and results are kept: ports and their MinIO and PostgreSQL adapters."""

from relevo_storage.catalog import (
    ActionHistory,
    Catalog,
    PromotionHistory,
)
from relevo_storage.migrations import migrate
from relevo_storage.minio_store import MinioStore, open_store
from relevo_storage.object_store import ObjectStore, get_verified, put_by_hash
from relevo_storage.once import make_known, once
from relevo_storage.postgres_catalog import PostgresCatalog, open_catalog
from relevo_storage.settings import CatalogSettings, ObjectStoreSettings

__all__ = [
    "ActionHistory",
    "Catalog",
    "CatalogSettings",
    "MinioStore",
    "ObjectStore",
    "ObjectStoreSettings",
    "PostgresCatalog",
    "PromotionHistory",
    "get_verified",
    "make_known",
    "migrate",
    "once",
    "open_catalog",
    "open_store",
    "put_by_hash",
]
