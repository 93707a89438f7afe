"""Every service has the same rooms, and no file has outgrown its subject."""

import ast
import importlib
from pathlib import Path

import pytest

from tests.repo.files import ROOT, tracked

SERVICES = sorted(path.parent for path in ROOT.glob("services/*/pyproject.toml"))
MODULES = ("__init__.py", "__main__.py", "app.py", "settings.py", "metrics.py")
NAMELESS = {"utils", "common", "helpers", "core", "manager", "base", "misc"}
OURS = [path for path in SERVICES if path.name != "data-api"]
"""Without the one that plays the outside world and shares nothing with the others."""
LONGEST_FILE = 400
LONGEST_EXAMPLE = 60
LARGEST_FILE_BYTES = 5_000_000


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_service_has_the_same_files_as_its_siblings(service: Path) -> None:
    package = service / "src" / service.name.replace("-", "_")
    missing = [name for name in MODULES if not (package / name).is_file()]

    assert missing == []
    assert len((service / "README.md").read_text().splitlines()) <= 30
    assert list((service / "tests").glob("test_*.py")), "a service has tests"


@pytest.mark.parametrize("service", OURS, ids=lambda path: path.name)
def test_a_service_starts_like_its_siblings_by_one_call(service: Path) -> None:
    module = service.name.replace("-", "_")
    program = (service / "src" / module / "__main__.py").read_text()

    assert len(program.splitlines()) <= 8
    assert "    run(SERVICE, Settings, build" in program
    assert service.name == importlib.import_module(f"{module}.settings").SERVICE


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_service_is_named_in_the_readme(service: Path) -> None:
    assert f"`{service.name}`" in (ROOT / "README.md").read_text()


def test_every_python_file_says_its_subject_in_its_first_line() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in tracked("*.py")
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def test_no_file_has_outgrown_its_subject() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path in tracked("*.py")
        if (lines := path.read_text().count("\n")) > LONGEST_FILE
    ]

    assert long == []


@pytest.mark.parametrize("example", tracked("examples/*.py"), ids=lambda path: path.name)
def test_an_example_is_short(example: Path) -> None:
    assert len(example.read_text().splitlines()) <= LONGEST_EXAMPLE


def test_no_file_is_named_for_no_subject() -> None:
    assert [path for path in tracked("*.py") if path.stem in NAMELESS] == []


def test_no_large_file_is_committed() -> None:
    large = [path for path in tracked() if path.stat().st_size > LARGEST_FILE_BYTES]

    assert large == []


def test_the_environment_is_read_only_by_settings() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in tracked("services/*/src/*.py") + tracked("packages/*/src/*.py")
        if path.name != "settings.py"
        and any(f"os.{name}" in path.read_text() for name in ("environ", "getenv"))
    ]

    assert readers == []


def test_the_readme_is_short_and_its_make_targets_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    named = {
        word
        for word in ("setup", "check", "run", "test", "bench")
        if f"make {word}" in readme
    }

    assert len(readme.splitlines()) <= 150
    assert {"run", "test"} <= named
    assert [name for name in named if f"\n{name}:" not in makefile] == []
