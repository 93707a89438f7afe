"""The hash of what a model's figures depend on."""

from importlib import metadata
from pathlib import Path

import pytest

from trainer.jobs import code_version as module
from trainer.jobs.code_version import code_version


def test_the_same_code_has_the_same_version() -> None:
    assert code_version() == code_version()
    assert len(code_version()) == 12


@pytest.mark.parametrize("change", ["edited", "new"])
def test_other_code_has_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(module, "files", lambda package: tmp_path / package)
    for package in module.PACKAGES:
        (tmp_path / package / "inner").mkdir(parents=True)
        (tmp_path / package / "inner" / "learning.py").write_text("trees = 300")
    before = code_version()

    name = "learning.py" if change == "edited" else "more.py"
    (tmp_path / "trainer" / "inner" / name).write_text("trees = 301")

    assert code_version() != before


def test_another_library_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_version()

    monkeypatch.setattr(metadata, "version", lambda library: f"{library} of later")

    assert code_version() != before
