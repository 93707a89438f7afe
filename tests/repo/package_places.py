"""Where a package that services share has to be named."""

from pathlib import Path
from typing import Any

from tests.repo.places import Place
from tests.repo.service_places import declared


def _linter(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = declared(root / "pyproject.toml")["tool"]["importlinter"]
    return found


def _names_its_project(root: Path, name: str) -> bool:
    folder = root / "packages" / name
    said = declared(folder / "pyproject.toml").get("project", {}).get("name")
    is_typed = (folder / "src" / f"relevo_{name}" / "py.typed").is_file()
    return said == f"relevo-{name}" and is_typed


def _is_among_the_roots(root: Path, name: str) -> bool:
    return f"relevo_{name}" in _linter(root)["root_packages"]


def _has_a_layer(root: Path, name: str) -> bool:
    layers = " | ".join(_linter(root)["contracts"][0]["layers"])
    return f"relevo_{name}" in layers.split(" | ")


def _is_locked(root: Path, name: str) -> bool:
    locked = {each["name"] for each in declared(root / "uv.lock")["package"]}
    return f"relevo-{name}" in locked


PACKAGE = (
    Place("packages/NAME/pyproject.toml", _names_its_project),
    Place("root_packages", _is_among_the_roots),
    Place("layers", _has_a_layer),
    Place("uv.lock", _is_locked),
)
