"""The datasets that there are: those that ship, and those in a person's own folder."""

import importlib.util
import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from relevo_datasets.consistency import check
from relevo_datasets.dataset import Dataset
from relevo_datasets.declaration import Declaration
from relevo_datasets.explaining import in_words
from relevo_datasets.settings import DatasetSettings

SHIPPED = Path(__file__).parent / "shipped"


class DeclarationError(ValueError):
    """A declaration cannot be understood; the message names file, key and remedy."""


def dataset_named(name: str) -> Dataset:
    """The dataset of that name; a person's own goes before one that ships.

    Raises KeyError, whose text lists those there are, and DeclarationError.
    """
    file = _files().get(name)
    if file is None:
        raise KeyError(f"no dataset {name!r}; there are: {', '.join(names())}")
    return _as_of(file, file.stat().st_mtime_ns)


def names() -> tuple[str, ...]:
    """The names of all datasets, those that ship first."""
    return tuple(_files())


def read_declaration(file: Path) -> Dataset:
    """The dataset that a file declares; raises DeclarationError."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DeclarationError(f"{file}: not TOML: {error}") from error
    except OSError as error:
        raise DeclarationError(f"{file}: {error.strerror}") from error
    return parse_declaration(text, file)


def parse_declaration(text: str, file: Path) -> Dataset:
    """The dataset that the text of such a file declares; raises DeclarationError."""
    try:
        facts = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"{file}: not TOML: {error}") from error
    try:
        dataset = Declaration.model_validate(facts).as_dataset(file.parent)
    except ValidationError as error:
        told = in_words(error, facts, declared_keys())
        raise DeclarationError(f"{file}: {told}") from error
    except ValueError as error:
        raise DeclarationError(f"{file}: {error}") from error
    if dataset.name != file.stem:
        raise DeclarationError(
            f"{file}: name: it is {dataset.name!r}: call the file {dataset.name}.toml"
        )
    dataset = _with_specials(dataset, file.with_suffix(".py"))
    try:
        check(dataset)
    except ValueError as error:
        raise DeclarationError(f"{file}: {error}") from error
    return dataset


def declared_keys() -> frozenset[str]:
    """Every key that a declaration may have, in whichever table."""
    schema = Declaration.model_json_schema()
    tables = [schema, *schema["$defs"].values()]
    return frozenset(key for table in tables for key in table.get("properties", ()))


def _with_specials(dataset: Dataset, program: Path) -> Dataset:
    """What a Python file of the same name makes of the dataset by its `special`."""
    if not program.exists():
        return dataset
    spec = importlib.util.spec_from_file_location(f"declared_{dataset.name}", program)
    if spec is None or spec.loader is None:
        raise DeclarationError(f"{program}: Python cannot read it")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        special = module.special(dataset)
    except Exception as error:  # it is a stranger's program
        raise DeclarationError(f"{program}: special(dataset): {error!r}") from error
    if not isinstance(special, Dataset):
        raise DeclarationError(f"{program}: special(dataset): is to return a Dataset")
    return special


def _files() -> dict[str, Path]:
    folders = [SHIPPED]
    own = DatasetSettings().folder
    if own is not None:
        if not own.is_dir():
            raise DeclarationError(
                f"RELEVO_DATASETS={own}: no such folder; it is to hold declarations"
                " (NAME.toml). Which of them run is said by RELEVO_DATASET"
            )
        folders.append(own)
    return {file.stem: file for folder in folders for file in sorted(folder.glob("*.toml"))}


@lru_cache
def _as_of(file: Path, _modified_ns: int) -> Dataset:
    return read_declaration(file)
