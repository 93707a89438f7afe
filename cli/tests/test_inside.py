"""`--kubernetes`: the command as kubectl is asked to run it, by a kubectl of the test's."""

from pathlib import Path

import pytest

from relevo.errors import CommandError
from relevo.inside import run_inside

NO_PLATFORM = 'Error from server (NotFound): namespaces "relevo" not found'


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script that is the only program to be found."""
    script = tmp_path / "kubectl"
    monkeypatch.setenv("PATH", str(tmp_path))
    return script


def answering(script: Path, *lines: str) -> None:
    script.write_text("\n".join(["#!/bin/sh", *lines]))
    script.chmod(0o755)


def test_the_same_command_is_run_inside_and_its_exit_code_is_ours(kubectl: Path) -> None:
    asked = kubectl.with_name("asked")
    answering(kubectl, f'echo "$*" >> {asked}', "case $* in *exec*) exit 3 ;; esac")

    code = run_inside("status", "--json")

    assert code == 3
    assert asked.read_text().splitlines()[-1] == (
        "--namespace relevo exec deployment/cli -- relevo status --json"
    )


def test_a_cluster_without_the_platform_is_told_in_kubectls_words(kubectl: Path) -> None:
    answering(kubectl, f"echo '{NO_PLATFORM}' >&2", "exit 1")

    with pytest.raises(CommandError, match='namespaces "relevo" not found') as error:
        run_inside("status")

    assert error.value.code == 3
    assert "make kubernetes-up overlay=local" in str(error.value)


def test_without_kubectl_it_says_where_one_is(kubectl: Path) -> None:
    with pytest.raises(CommandError, match="no kubectl is on the PATH"):
        run_inside("status")
