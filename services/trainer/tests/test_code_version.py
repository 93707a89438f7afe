"""The hash of what a model's figures depend on."""

from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from relevo_datasets import Dataset, dataset_named
from trainer.jobs import code_version as module
from trainer.jobs.code_version import code_version, declaration_version

DATASET = dataset_named("pima")
GLUCOSE = DATASET.feature("Glucose").model_copy(update={"maximum": 900.0})


def test_the_same_code_has_the_same_version() -> None:
    assert code_version() == code_version()
    assert len(code_version()) == 12


@pytest.mark.parametrize("change", ["edited", "new", "declared"])
def test_other_code_has_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(module, "files", lambda package: tmp_path / package)
    for package in module.PACKAGES:
        (tmp_path / package / "inner").mkdir(parents=True)
        (tmp_path / package / "inner" / "learning.py").write_text("trees = 300")
    before = code_version()

    name = {"edited": "learning.py", "new": "more.py", "declared": "mine.toml"}[change]
    (tmp_path / "trainer" / "inner" / name).write_text("trees = 301")

    assert code_version() != before


def test_another_library_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_version()

    monkeypatch.setattr(metadata, "version", lambda library: f"{library} of later")

    assert code_version() != before


@pytest.mark.parametrize(
    "other",
    [
        replace(DATASET, features=(GLUCOSE, *DATASET.features[1:])),
        replace(DATASET, candidates={"lightgbm": {"num_leaves": 8}}),
        replace(DATASET, slices=()),
        dataset_named("diabetes130"),
    ],
    ids=["range", "settings", "slices", "dataset"],
)
def test_another_declaration_is_another_version(other: Dataset) -> None:
    assert declaration_version(other) != declaration_version(DATASET)
    assert declaration_version(replace(DATASET)) == declaration_version(DATASET)
