"""What children inherit from the shell that started the platform."""

import pytest

from relevo_local.settings import aws_environment, inherited_environment


def test_a_persons_own_variables_do_not_reach_the_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of other work")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "of-other-work:9092")
    monkeypatch.setenv("TRAINER_POLICY", "not_worse")
    environment = inherited_environment()
    assert {"AWS_SECRET_ACCESS_KEY", "KAFKA_BOOTSTRAP_SERVERS"} & set(environment) == set()
    assert environment["TRAINER_POLICY"] == "not_worse"
    assert aws_environment()["AWS_SECRET_ACCESS_KEY"] == "of other work"
