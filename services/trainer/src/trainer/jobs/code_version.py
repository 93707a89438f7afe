"""Which code learns: a short hash over all that a model's figures depend on."""

import hashlib
from importlib import metadata
from importlib.resources import files
from importlib.resources.abc import Traversable

PACKAGES = ("relevo_bundles", "relevo_datasets", "trainer")
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


def _sources(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        inner = f"{name}/{entry.name}"
        if entry.is_dir():
            found += _sources(entry, inner)
        elif entry.name.endswith((".py", ".pyx")):
            found.append((inner, entry.read_bytes()))
    return found
