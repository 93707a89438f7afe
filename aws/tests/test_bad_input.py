"""What goes wrong ends with one clear line and a code, never with a traceback."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from relevo_aws.app import DEFAULT_NAME as NAME
from relevo_aws.errors import CommandError, in_words
from relevo_aws.stack import Stack

Command = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--cidr", "203.0.113.7/33"), "write it as 203.0.113.7/32"),
        (("--cidr", "anybody"), "write it as 203.0.113.7/32"),
        (("--cidr", "0.0.0.0/0"), "opens the data API to everybody"),
        (("--start", "8.55"), "'8.55' is no time of day: write it as 08:55"),
        (("--zone", "Lima"), "'Lima' is no time zone: write it as America/Lima"),
        (("--interval", "0"), "`relevo-aws --help` explains"),
        (("--region", "eu-nowhere-1"), "AWS has no region 'eu-nowhere-1'"),
    ],
)
def test_a_wrong_wish_is_said_before_anything_is_asked(
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    code, out, err = command("deploy", *arguments)

    assert (code, out) == (2, "")
    assert one_line(err)
    assert words in err


@pytest.mark.parametrize("name", ["deploy", "status", "start", "stop", "destroy"])
def test_without_credentials_a_command_says_so(command: Command, name: str) -> None:
    assert command(name) == (
        *(
            1,
            "",
            "relevo-aws: no AWS credentials: set AWS_PROFILE, or run `aws configure`\n",
        ),
    )


def test_without_a_region_a_command_says_so(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    code, _, err = command("status")

    assert (code, err) == (
        *(1, "relevo-aws: no AWS region: give --region, or set AWS_REGION\n"),
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("ROLLBACK_COMPLETE", "it can only be removed. `relevo-aws destroy`"),
        ("UPDATE_IN_PROGRESS", "wait until that has ended"),
    ],
)
def test_a_stack_that_cannot_be_changed_says_what_to_do(
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    words: str,
) -> None:
    monkeypatch.setattr(Stack, "status", lambda _: status)

    code, _, err = command("deploy")

    assert code == 1
    assert f"{NAME} is {status}: {words}" in err
    assert one_line(err)


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("The submitted information didn't contain changes.", False),
        ("Template error: no such function", True),
    ],
)
def test_a_proposal_that_fails_is_forgotten_and_says_why_unless_nothing_would_change(
    reason: str, changes: bool
) -> None:
    client: Any = boto3.client(
        "cloudformation", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    stack = {
        "StackName": NAME,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": "2026-01-01T00:00:00Z",
        "Parameters": [{"ParameterKey": "Size", "ParameterValue": "t3.small"}],
    }
    with Stubber(client) as recorded:
        for _ in range(2):
            recorded.add_response("describe_stacks", {"Stacks": [stack]})
        recorded.add_response("create_change_set", {"Id": "arn:of-the-change-set"})
        for status in ("CREATE_IN_PROGRESS", "FAILED"):
            recorded.add_response(
                "describe_change_set", {"Status": status, "StatusReason": reason}
            )
        recorded.add_response("delete_change_set", {})

        proposal = Stack(client, NAME, poll_seconds=0)
        if changes:
            with pytest.raises(CommandError, match=f"AWS refuses the plan: {reason}"):
                proposal.propose({})
        else:
            assert proposal.propose({}) is None
        recorded.assert_no_pending_responses()


def test_a_change_that_was_rolled_back_says_what_failed_first() -> None:
    client: Any = boto3.client(
        "cloudformation", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    told: list[str] = []
    failures = [
        event("Address", "CREATE_FAILED", "Resource creation cancelled"),
        event("Machine", "CREATE_FAILED", "no default VPC"),
    ]
    with Stubber(client) as recorded:
        recorded.add_response("describe_stack_events", {"StackEvents": []})
        recorded.add_response("execute_change_set", {})
        recorded.add_response(
            "describe_stacks",
            {
                "Stacks": [
                    {
                        "StackName": NAME,
                        "StackStatus": "ROLLBACK_COMPLETE",
                        "CreationTime": "2026-01-01T00:00:00Z",
                    }
                ]
            },
        )
        recorded.add_response("describe_stack_events", {"StackEvents": failures})

        with pytest.raises(CommandError, match="ROLLBACK_COMPLETE: Machine: no default"):
            Stack(client, NAME).carry_out("arn:of-the-change-set", told.append)

    assert told == ["  Machine         CREATE_FAILED", "  Address         CREATE_FAILED"]


def event(name: str, status: str, reason: str) -> dict[str, str]:
    return {
        "StackId": "arn:of-the-stack",
        "StackName": NAME,
        "EventId": name,
        "Timestamp": "2026-01-01T00:00:00Z",
        "LogicalResourceId": name,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("InvalidClientTokenId", "AWS does not know these credentials"),
        ("ExpiredToken", "have expired"),
        ("AccessDenied", "not allowed: so said AWS (aws/policies/deployer.json"),
        ("Throttling", "CreateChangeSet failed: Throttling: so said AWS"),
    ],
)
def test_what_aws_answers_becomes_a_sentence(code: str, words: str) -> None:
    answer: Any = {"Error": {"Code": code, "Message": "so said AWS"}}

    assert words in in_words(ClientError(answer, "CreateChangeSet"))


def test_an_address_that_nobody_answers_asks_for_region_and_network() -> None:
    error = EndpointConnectionError(endpoint_url="https://cloudformation.example")

    assert "is the region right, the network up?" in in_words(error)


def one_line(text: str) -> bool:
    return text.startswith("relevo-aws: ") and text.count("\n") == 1
