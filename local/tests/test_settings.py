"""What children inherit from the shell that started the platform."""

from pathlib import Path

import pytest

from relevo_local.settings import aws_environment, inherited_environment


def test_a_persons_own_variables_do_not_reach_the_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of other work")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "of-other-work:9092")
    monkeypatch.setenv("TRAINER_THREADS", "1")
    environment = inherited_environment("trainer")
    assert {"AWS_SECRET_ACCESS_KEY", "KAFKA_BOOTSTRAP_SERVERS"} & set(environment) == set()
    assert environment["TRAINER_THREADS"] == "1"
    assert "TRAINER_THREADS" not in inherited_environment("lag_watcher")
    assert aws_environment()["AWS_SECRET_ACCESS_KEY"] == "of other work"


def test_a_persons_own_declarations_are_found_by_children_in_other_folders(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELEVO_DATASETS", "mine")
    assert inherited_environment()["RELEVO_DATASETS"] == str(tmp_path / "mine")

    monkeypatch.setenv("RELEVO_DATASETS", "")
    assert "RELEVO_DATASETS" not in inherited_environment()


def test_services_read_ones_own_keys_and_only_who_asks_others_is_given_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("API_KEYS_FILE", "keys.json")
    monkeypatch.setenv("RELEVO_API_KEY", "relevo_1")

    pod, console = (inherited_environment(name) for name in ("inference", "console"))

    assert pod["API_KEYS_FILE"] == console["API_KEYS_FILE"] == str(tmp_path / "keys.json")
    assert (console.get("RELEVO_API_KEY"), pod.get("RELEVO_API_KEY")) == ("relevo_1", None)
    assert "API_KEYS_FILE" not in inherited_environment()
