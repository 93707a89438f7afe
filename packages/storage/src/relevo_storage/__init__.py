"""Where objects and results are kept: ports and their MinIO and PostgreSQL adapters."""

from typing import TYPE_CHECKING, Any

from relevo_storage.again import Unanswered, unanswered_by_dataset
from relevo_storage.catalog import (
    ActionHistory,
    Catalog,
    Leases,
    PromotionHistory,
)
from relevo_storage.migrations import migrate
from relevo_storage.object_store import (
    MissingError,
    ObjectStore,
    get_verified,
    put_by_hash,
)
from relevo_storage.once import Fatal, make_known, once
from relevo_storage.postgres_catalog import PostgresCatalog, open_catalog
from relevo_storage.settings import CatalogSettings, ObjectStoreSettings

if TYPE_CHECKING:
    from relevo_storage.minio_store import MinioStore, open_store

__all__ = [
    "ActionHistory",
    "Catalog",
    "CatalogSettings",
    "Fatal",
    "Leases",
    "MinioStore",
    "MissingError",
    "ObjectStore",
    "ObjectStoreSettings",
    "PostgresCatalog",
    "PromotionHistory",
    "Unanswered",
    "get_verified",
    "make_known",
    "migrate",
    "once",
    "open_catalog",
    "open_store",
    "put_by_hash",
    "unanswered_by_dataset",
]


def __getattr__(name: str) -> Any:
    """The S3 client brings 9 MB, which whoever reads no object does without."""
    if name not in {"MinioStore", "open_store"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from relevo_storage import minio_store

    return getattr(minio_store, name)
