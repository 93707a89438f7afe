"""`relevo source check`: a person asks a source what it has, without any platform."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from relevo.app import build_app
from relevo.commands.source import told
from relevo_datasets import declarations

pytestmark = pytest.mark.usefixtures("_elsewhere")
FOUND = {
    "dataset": "mine",
    "kind": "cursor",
    "verdict": "accepted",
    "text": "",
    "warning": "asking has moved it",
    "origin": "http://host/get_data",
    "identity": "0a1b",
    "sha256": "0a1b",
    "rows": 15_000,
    "columns": ["a", "b"],
}


@pytest.fixture
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELEVO_DATASETS", str(tmp_path))


def declare(folder: Path, source: str) -> None:
    shipped = (declarations.SHIPPED / "pima.toml").read_text()
    text = shipped.replace('name = "pima"', 'name = "mine"')
    (folder / "mine.toml").write_text(f"{text}\n[source]\n{source}\n")


def test_what_would_be_taken_is_told_line_by_line_with_what_asking_has_done() -> None:
    assert told(FOUND) == [
        "mine, a source of kind cursor: would be taken",
        "  from     http://host/get_data",
        "  called   0a1b",
        "  sha256   0a1b",
        "  rows     15,000",
        "  columns  2: a, b",
        "  mind     asking has moved it",
    ]


@pytest.mark.slow
def test_a_folder_without_a_file_has_nothing_just_now_and_a_bad_file_is_refused(
    tmp_path: Path,
) -> None:
    (tmp_path / "in").mkdir()
    declare(tmp_path, 'kind = "folder"\npath = "in"')
    empty = CliRunner().invoke(build_app(), ["source", "check", "mine"])
    (tmp_path / "in" / "a.csv").write_text("Age,Outcome\n3,1\n")

    bad = CliRunner().invoke(build_app(), ["source", "check", "mine"])

    assert empty.exit_code == 0, empty.output
    assert "mine, a source of kind folder: has nothing to be taken just now" in empty.stdout
    assert bad.exit_code == 1
    assert "would be refused" in bad.stdout
    assert "missing columns 'Pregnancies'" in bad.stdout


def test_an_unknown_dataset_is_told_with_those_there_are() -> None:
    result = CliRunner().invoke(build_app(), ["source", "check", "nosuch"])

    assert result.exit_code == 2
    assert "no dataset 'nosuch'; there are:" in result.stderr
