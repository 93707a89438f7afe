"""What is printed before anything is done, without an account."""

from collections.abc import Callable
from datetime import time

import pytest

from relevo_aws.plan import change, hours_awake

Command = Callable[..., tuple[int, str, str]]


def test_the_plan_needs_no_credentials_and_says_everything_in_words(
    command: Command,
) -> None:
    code, out, err = command(
        *("plan", "--cidr", "203.0.113.7/32", "--image", "registry.example/data-api:1"),
        *("--dataset-bucket", "rows", "--dataset", "houses", "--email", "me@example.org"),
        *("--interval", "60", "--zone", "Europe/Madrid", "--size", "t4g.small"),
    )

    assert (code, err) == (0, "")
    for words in (
        "port 8080 for 203.0.113.7/32, nothing else",
        "a t4g.small with Amazon Linux 2023 that runs registry.example/data-api:1: houses, "
        "one batch every 60 s",
        "it may read s3://rows/houses/",
        "a start every day at 08:55 Europe/Madrid",
        "a stop every day at 23:55 Europe/Madrid",
        "its subscriber me@example.org",
        "runs 456 of 730 hours a month",
    ):
        assert words in out


def test_what_is_not_asked_for_is_not_planned(command: Command) -> None:
    _, out, _ = command("plan")

    assert "MachineReadsRows" not in out
    assert "TroubleByEmail" not in out


@pytest.mark.parametrize(
    ("start", "stop", "hours"), [("08:55", "23:55", 15), ("22:00", "06:30", 8.5)]
)
def test_a_day_may_go_over_midnight(start: str, stop: str, hours: float) -> None:
    assert hours_awake(time.fromisoformat(start), time.fromisoformat(stop)) == hours


def test_a_replaced_machine_is_not_to_be_overlooked() -> None:
    announced = {
        "LogicalResourceId": "Machine",
        "Action": "Modify",
        "Replacement": "True",
    }

    assert change(announced).endswith("changed: it is REPLACED by a new one")
