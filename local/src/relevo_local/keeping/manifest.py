"""What a backup says of itself, and whether this relevo can make a platform of it."""

import importlib.metadata
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from relevo_local.keeping.errors import KeepingError
from relevo_storage.migrations import NEWEST

FORMAT = 1
FILE = "backup.json"


class Manifest(BaseModel):
    """Written last: a folder without it is no backup, but a part of one."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    made_at: AwareDatetime
    relevo: str
    catalog: int
    """The version of the catalog's tables."""
    mlflow: str
    objects: int
    bytes: int


def of_today(made_at: AwareDatetime, *, objects: int, size: int) -> Manifest:
    """That of a backup which this relevo makes; size: of the objects, in bytes."""
    return Manifest(
        made_at=made_at,
        relevo=importlib.metadata.version("relevo-local"),
        catalog=NEWEST,
        mlflow=importlib.metadata.version("mlflow"),
        objects=objects,
        bytes=size,
    )


def read_manifest(folder: Path) -> Manifest:
    """Raises KeepingError for no backup, and for one that this relevo cannot use."""
    try:
        manifest = Manifest.model_validate_json((folder / FILE).read_bytes())
    except FileNotFoundError as error:
        raise KeepingError(f"{folder} is no backup: it has no {FILE}") from error
    except ValidationError as error:
        raise KeepingError(f"{folder / FILE} cannot be read: {error}") from error
    mlflow = importlib.metadata.version("mlflow")
    made_by = f"the backup is one of relevo {manifest.relevo}"
    if manifest.format > FORMAT or manifest.catalog > NEWEST:
        raise KeepingError(f"{made_by}, which is newer: restore it with that one")
    if manifest.mlflow != mlflow:
        raise KeepingError(
            f"{made_by} with MLflow {manifest.mlflow}, and here is {mlflow}, which does"
            " not take the other's tables: restore it with that relevo"
        )
    return manifest
