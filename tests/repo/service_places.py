"""Where a service has to be named."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.repo.places import Place, text, words

MODULES = ("__init__.py", "__main__.py", "app.py", "settings.py", "metrics.py", "py.typed")


def module(name: str) -> str:
    """The service's package."""
    return name.replace("-", "_")


@cache
def declared(path: Path) -> dict[str, Any]:
    """A TOML file's content."""
    return tomllib.loads(text(path))


def _has_its_rooms(root: Path, name: str) -> bool:
    folder = root / "services" / name
    files = [folder / "src" / module(name) / each for each in MODULES]
    return all(map(Path.is_file, [*files, folder / "README.md"]))


def _names_its_project(root: Path, name: str) -> bool:
    said = declared(root / "services" / name / "pyproject.toml")
    built = said.get("tool", {}).get("uv", {}).get("build-backend", {})
    return (said.get("project", {}).get("name"), built.get("module-name")) == (
        name,
        module(name),
    )


def _names_its_image(root: Path, name: str) -> bool:
    said = text(root / "services" / name / "Dockerfile")
    wanted = (f"--package {name}\n", f"--package {name} ", f"title={name} ")
    return all(each in said for each in (*wanted, f'"-m", "{module(name)}"]'))


def _is_among_the_roots(root: Path, name: str) -> bool:
    linter = declared(root / "pyproject.toml")["tool"]["importlinter"]
    return module(name) in linter["root_packages"]


def _has_a_layer(root: Path, name: str) -> bool:
    linter = declared(root / "pyproject.toml")["tool"]["importlinter"]
    return module(name) in linter["contracts"][0]["layers"][1].split(" | ")


def _is_locked(root: Path, name: str) -> bool:
    return name in {each["name"] for each in declared(root / "uv.lock")["package"]}


def _runs_locally(root: Path, name: str) -> bool:
    file = root / "local/src/relevo_local/composition.py"
    return bool({name, module(name)} & words(file))


@cache
def _containers(root: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.load(
        text(root / "compose.yaml"), yaml.CSafeLoader
    )
    return found["services"]


def _runs_in_the_cluster(root: Path, name: str) -> bool:
    return name in _containers(root)


def _runs_in_kubernetes(root: Path, name: str) -> bool:
    listed = yaml.load(text(root / "kubernetes/base/kustomization.yaml"), yaml.CSafeLoader)[
        "resources"
    ]
    return f"{name}.yaml" in listed


def _has_a_door_for_tests(root: Path, name: str) -> bool:
    doors = yaml.load(text(root / "tests/cluster/doors.yaml"), yaml.CSafeLoader)["services"]
    return name in doors or "ports" in _containers(root).get(name, {})


def _is_watched(root: Path, name: str) -> bool:
    config = yaml.load(
        text(root / "observability/prometheus/prometheus.yml"), yaml.CSafeLoader
    )
    jobs = config["scrape_configs"]
    targets = [
        t for job in jobs for s in job.get("static_configs", []) for t in s["targets"]
    ]
    names = [n for job in jobs for s in job.get("dns_sd_configs", []) for n in s["names"]]
    return f"{name}:8080" in targets or name in names


def _has_its_metrics_explained(root: Path, name: str) -> bool:
    return f"\n## {name}\n" in text(root / "docs/metrics.md")


def _is_in_the_readme(root: Path, name: str) -> bool:
    return f"\n| [`{name}`](services/{name}) |" in text(root / "README.md")


SERVICE = (
    Place("services/NAME/", _has_its_rooms),
    Place("services/NAME/pyproject.toml", _names_its_project),
    Place("services/NAME/Dockerfile", _names_its_image),
    Place("root_packages", _is_among_the_roots),
    Place("layers", _has_a_layer),
    Place("uv.lock", _is_locked),
    Place("local/src/relevo_local/composition.py", _runs_locally),
    Place("compose.yaml", _runs_in_the_cluster),
    Place("kubernetes/base/", _runs_in_kubernetes),
    Place("tests/cluster/doors.yaml", _has_a_door_for_tests),
    Place("observability/prometheus/prometheus.yml", _is_watched),
    Place("docs/metrics.md", _has_its_metrics_explained),
    Place("README.md", _is_in_the_readme),
)
FILES = (
    *("pyproject.toml", "uv.lock", "local/src/relevo_local/composition.py"),
    *("compose.yaml", "tests/cluster/doors.yaml", "README.md", "docs/metrics.md"),
    *("observability/prometheus/prometheus.yml", "kubernetes/base/kustomization.yaml"),
)
"""What the places outside of the service's own folder are."""
