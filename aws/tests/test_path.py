"""From nothing to a machine that stops and starts, and back to nothing, in moto's AWS."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
import typer

from relevo_aws import lambda_power
from relevo_aws.app import DEFAULT_NAME as NAME
from relevo_aws.stack import Stack

# moto's CloudFormation leaves these out: test_template.py looks at them otherwise
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "ignore:Tried to parse AWS..(Scheduler|CloudWatch):UserWarning"
    ),
]

Command = Callable[..., tuple[int, str, str]]


def state(instance_id: str) -> str:
    ec2: Any = boto3.client("ec2")
    (found,) = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
    return str(found["Instances"][0]["State"]["Name"])


def test_a_new_stack_must_be_told_who_may_ask(aws: None, command: Command) -> None:
    assert command(
        "deploy", "--stack", "other", "--image", "registry.example/data-api:1"
    ) == (*(2, "", "relevo-aws: a new stack needs --cidr\n"),)


@pytest.mark.parametrize("name", ["status", "start", "stop"])
def test_a_stack_that_is_not_there_is_named(aws: None, command: Command, name: str) -> None:
    code, _, err = command(name, "--stack", "other")

    assert code == 1
    assert err == "relevo-aws: there is no stack other: `relevo-aws deploy` makes it\n"


def test_the_same_deploy_twice_changes_nothing(
    machine: str, command: Command, wishes: tuple[str, ...]
) -> None:
    for named in (wishes, ()):
        code, out, err = command("deploy", *named)

        assert (code, err) == (0, "")
        assert out.startswith(f"{NAME} is as it should be: nothing to change\n")
        assert f"INGESTOR_SOURCE_INSTANCE={machine}\n" in out


def test_status_says_what_the_ingestor_must_be_told(machine: str, command: Command) -> None:
    code, out, _ = command("status")
    ec2: Any = boto3.client("ec2")
    (address,) = ec2.describe_addresses()["Addresses"]

    assert code == 0
    assert out.splitlines() == [
        f"{NAME} is CREATE_COMPLETE, its machine {machine} is running",
        f"DATA_API_URL=http://{address['PublicIp']}:8080",
        'INGESTOR_SOURCE_SCHEDULE="08:55-23:55 America/Lima"',
        f"INGESTOR_SOURCE_INSTANCE={machine}",
        "INGESTOR_SOURCE_REGION=us-east-1",
    ]
    assert address["InstanceId"] == machine


def test_a_person_stops_and_starts_it_by_hand(machine: str, command: Command) -> None:
    assert command("stop")[0] == 0
    assert state(machine) == "stopped"
    assert command("start")[0] == 0
    assert state(machine) == "running"


def test_without_a_yes_nothing_is_done(
    aws: None, command: Command, wishes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer.confirm", no)

    code, out, err = command("deploy", "--stack", "other", *wishes)

    assert out.startswith("It would create:\n")
    assert (code, err) == (1, "relevo-aws: stopped, nothing was changed\n")
    assert Stack(boto3.client("cloudformation"), "other").status() is None


def test_without_a_yes_a_change_is_forgotten(
    machine: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer.confirm", no)

    code, _, err = command("deploy", "--stop", "22:00")

    assert (code, err) == (1, "relevo-aws: stopped, nothing was changed\n")
    assert '"08:55-23:55 America/Lima"' in command("status")[1]


def test_a_change_keeps_what_was_not_named(machine: str) -> None:
    # no further than the proposal: moto loses the machine when it carries a change out
    cloudformation: Any = boto3.client("cloudformation")
    stack = Stack(cloudformation, NAME)
    proposed = stack.propose({"StopCron": "cron(0 22 * * ? *)"})
    assert proposed
    seen = cloudformation.describe_change_set(ChangeSetName=proposed)

    assert parameters_of(seen) == stack.parameters() | {"StopCron": "cron(0 22 * * ? *)"}


def parameters_of(described: dict[str, Any]) -> dict[str, str]:
    """Stack or change set."""
    listed = described["Parameters"]
    return {each["ParameterKey"]: each["ParameterValue"] for each in listed}


def test_deployed_stopped_started_twice_and_destroyed(
    machine: str, command: Command
) -> None:
    cloudformation: Any = boto3.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName=NAME)["Stacks"]
    asked = {"instance_id": machine}

    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert state(machine) == "running"
    assert lambda_power.stop(asked)["was"] == "running"
    assert state(machine) == "stopped"
    assert lambda_power.start(asked)["was"] == "stopped"
    lambda_power.start(asked)
    assert state(machine) == "running"

    code, out, _ = command("destroy", "--yes")
    assert code == 0
    assert out.endswith(f"nothing is left of {NAME}\n")
    # all but the address, which moto's CloudFormation does not release
    assert state(machine) == "terminated"
    assert boto3.client("lambda").list_functions()["Functions"] == []
    assert boto3.client("iam").list_roles()["Roles"] == []
    assert boto3.client("sqs").list_queues().get("QueueUrls", []) == []
    assert boto3.client("logs").describe_log_groups()["logGroups"] == []


def test_a_machine_that_was_ended_by_hand_is_missed(
    aws: None, command: Command, wishes: tuple[str, ...]
) -> None:
    assert command("deploy", "--yes", "--stack", "another", *wishes)[0] == 0
    ended = Stack(boto3.client("cloudformation"), "another").machine()
    ec2: Any = boto3.client("ec2")
    ec2.terminate_instances(InstanceIds=[ended])

    for name in ("deploy", "status", "start", "stop"):
        code, _, err = command(name, "--stack", "another")
        assert code == 1
        assert f"the stack's machine {ended} is gone" in err
        assert err.count("\n") == 1


def no(question: str, *, abort: bool) -> None:
    raise typer.Abort


def test_a_stack_that_never_was_is_destroyed_at_once(aws: None, command: Command) -> None:
    assert command("destroy", "--yes", "--stack", "other") == (
        *(0, "there is no stack other\n", ""),
    )
