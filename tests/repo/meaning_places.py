"""Where a dataset, a kind of feature, a task and a model family have to be named."""

import ast
import json
import sys
from functools import cache
from pathlib import Path

from tests.repo.places import Place, arguments, says, text, words

DECLARATIONS = "packages/datasets/src/relevo_datasets/shipped/"
DRAFTING = "packages/datasets/src/relevo_datasets/drafting/"
BATCHES = "services/data-api/src/data_api/data/"
KINDS = "packages/features/src/relevo_features/kinds.py"
SAMPLES = "packages/bundles/src/relevo_bundles/samples.py"
QUALITY = "packages/datasets/src/relevo_datasets/quality/"
TRAINER = "services/trainer/src/trainer/"
CANDIDATES = f"{TRAINER}learning/candidates.py"
CODE_VERSION = f"{TRAINER}jobs/code_version.py"
MODEL_FOLDER = f"{TRAINER}recording/model_folder.py"
DISTRIBUTIONS = {"sklearn": "scikit-learn"}
"""Packages whose library is called otherwise."""


def _is_declared(root: Path, name: str) -> bool:
    return (root / DECLARATIONS / f"{name}.toml").is_file()


def _has_batches(root: Path, name: str) -> bool:
    return any((root / BATCHES / name).glob("*.parquet"))


def _has_a_source(root: Path, name: str) -> bool:
    return f"\n## {name}\n" in text(root / BATCHES / "SOURCE.md")


def _may_be_in_a_manifest(root: Path, name: str) -> bool:
    schemas = (root / "packages/contracts/schemas").glob("relevo.manifest.*.json")
    return any(f'"{name}"' in enum for file in schemas for enum in enums(text(file)))


@cache
def enums(schema: str) -> list[str]:
    """The lists of words of which a field takes one, each as JSON."""
    found: list[str] = []

    def note(facts: dict[str, object]) -> None:
        if "enum" in facts:
            found.append(json.dumps(facts["enum"]))

    json.loads(schema, object_hook=note)
    return found


def _is_a_record(root: Path, name: str) -> bool:
    return name in arguments(root / KINDS, "name")


def _is_guessed(root: Path, name: str) -> bool:
    return f'"{name}"' in text(root / DRAFTING / "guessing.py")


def _is_in_the_sample(root: Path, name: str) -> bool:
    return name in arguments(root / SAMPLES, "kind")


def _has_to_show_something(root: Path, name: str) -> bool:
    return any(name in words(file) for file in (root / QUALITY).glob("*.py"))


def _is_a_candidate(root: Path, name: str) -> bool:
    return name in arguments(root / CANDIDATES, "algorithm")


def _has_its_library(where: str) -> Place:
    def knows(root: Path, name: str) -> bool:
        said = text(root / where)
        named = all(f'"{library}' in said for library in libraries(root))
        return _is_a_candidate(root, name) and named

    return Place(where, knows)


def libraries(root: Path) -> set[str]:
    """What the candidates' estimators come from, as package registries call it."""
    nodes = ast.walk(ast.parse(text(root / CANDIDATES)))
    modules = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    packages = {module.partition(".")[0] for module in modules}
    ours = {each for each in packages if each.startswith("relevo_") or each == "trainer"}
    return {
        DISTRIBUTIONS.get(each, each) for each in packages - ours - sys.stdlib_module_names
    }


DATASET = (
    Place(f"{DECLARATIONS}NAME.toml", _is_declared),
    Place(f"{BATCHES}NAME/", _has_batches),
    Place(f"{BATCHES}SOURCE.md", _has_a_source),
    says("services/data-api/src/data_api/prepare.py"),
    says("services/data-api/tests/test_shipped_data.py"),
    says("packages/datasets/tests/test_declarations.py"),
    says("tests/meaning/test_one_meaning.py"),
)
KIND = (
    says("packages/contracts/src/relevo_contracts/features.py"),
    Place("packages/contracts/schemas/", _may_be_in_a_manifest),
    Place(KINDS, _is_a_record),
    Place(f"{DRAFTING}guessing.py", _is_guessed),
    Place(SAMPLES, _is_in_the_sample),
)
TASK = (
    says("packages/contracts/src/relevo_contracts/tasks.py"),
    Place("packages/contracts/schemas/", _may_be_in_a_manifest),
    Place(QUALITY, _has_to_show_something),
    says(f"{TRAINER}judging/tasks.py"),
    says(CANDIDATES),
    says(f"{TRAINER}learning/settable.py"),
    says(f"{TRAINER}recording/plots.py"),
    says("services/inference/src/inference/duty/answering.py"),
    says(f"{DRAFTING}settings.py"),
    says("services/trainer/tests/conftest.py"),
    says("packages/bundles/tests/test_families.py"),
    says("tests/meaning/test_exactness.py"),
)
FAMILY = (
    Place(CANDIDATES, _is_a_candidate),
    says(f"{TRAINER}learning/settable.py"),
    says(f"{DRAFTING}settings.py"),
    _has_its_library(CODE_VERSION),
    _has_its_library(MODEL_FOLDER),
    _has_its_library("services/trainer/pyproject.toml"),
)
