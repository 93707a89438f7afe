"""Which code learns, and from which declaration, as short hashes."""

import hashlib
import json
from importlib import metadata
from importlib.resources import files
from importlib.resources.abc import Traversable

from relevo_datasets import Dataset

PACKAGES = (
    "relevo_bundles",
    "relevo_contracts",
    "relevo_datasets",
    "relevo_features",
    "trainer",
)
LIBRARIES = ("lightgbm", "numpy", "pandas", "scikit-learn", "scipy", "treelite")
LENGTH = 12


def code_version() -> str:
    """Twelve hex digits of a SHA-256 over our source and the libraries' versions."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        for name, source in sorted(_sources(files(package), package)):
            digest.update(f"{name}\0{len(source)}\0".encode() + source)
    for library in LIBRARIES:
        digest.update(f"{library}=={metadata.version(library)}\0".encode())
    return digest.hexdigest()[:LENGTH]


def declaration_version(dataset: Dataset) -> str:
    """The same of what a dataset's declaration says, which may be a person's own."""
    said = (
        dataset.meaning.model_dump_json(),
        *(target.model_dump_json() for target in dataset.targets.values()),
        json.dumps([dataset.slices, dataset.candidates], sort_keys=True, default=dict),
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:LENGTH]


def _sources(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        inner = f"{name}/{entry.name}"
        if entry.is_dir():
            found += _sources(entry, inner)
        elif entry.name.endswith((".py", ".pyx", ".toml")):
            found.append((inner, entry.read_bytes()))
    return found
