"""`relevo keys`: the key is shown once, for a shell's variable; then only whose it is."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from relevo.app import build_app


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("API_KEYS_FILE", str(tmp_path / "keys.json"))
    return tmp_path / "keys.json"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build_app(), ["keys", *arguments])


def test_a_key_is_made_listed_and_revoked(file: Path) -> None:
    made = run("new", "shop", "--scope", "predict", "--scope", "read", "--rate", "20")
    listed = run("list")
    revoked = run("revoke", "shop")

    assert made.stdout.startswith("relevo_"), made.output
    assert len(made.stdout.split()) == 1
    assert str(file) in made.stderr
    assert " ".join(listed.stdout.splitlines()[1].split()).startswith("shop ")
    assert "predict, read 20/s" in " ".join(listed.stdout.split())
    assert made.stdout.strip() not in listed.output + file.read_text()
    assert "of shop is taken out" in revoked.stdout
    assert "has no key" in run("list").stdout


@pytest.mark.parametrize(
    "arguments",
    [("new", "x"), ("new", "x", "--scope", "all"), ("new", "x", "--burst", "2")],
)
def test_what_a_key_may_do_is_said_or_nothing_is_made(
    file: Path, arguments: tuple[str, ...]
) -> None:
    assert run(*arguments).exit_code == 2
    assert not file.exists()


def test_without_a_file_it_is_said_how_one_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("API_KEYS_FILE", raising=False)

    assert "--file FILE" in run("list").output
