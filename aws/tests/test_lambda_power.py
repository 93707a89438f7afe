"""The two functions under Lambda's plain signature, with what EC2 really answers."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from relevo_aws.lambda_power import PowerError, start, stop

MACHINE = "i-0123456789abcdef0"
EVENT = {"instance_id": MACHINE}
CODES = {"pending": 0, "running": 16, "stopping": 64, "stopped": 80}


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """EC2 that answers from a record, and refuses every call that is not in it."""
    client: Any = boto3.client(
        "ec2", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    monkeypatch.setattr(boto3, "client", lambda _: client)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def change(key: str, was: str, now: str) -> dict[str, Any]:
    previous, current = ({"Code": CODES[name], "Name": name} for name in (was, now))
    entry = {"InstanceId": MACHINE, "PreviousState": previous, "CurrentState": current}
    return {key: [entry]}


@pytest.mark.parametrize(
    ("was", "now"),
    [("stopped", "pending"), ("running", "running"), ("pending", "pending")],
)
def test_a_start_is_success_whatever_ran_before(
    ec2: Stubber, capsys: pytest.CaptureFixture[str], was: str, now: str
) -> None:
    answer = change("StartingInstances", was, now)
    ec2.add_response("start_instances", answer, {"InstanceIds": [MACHINE]})

    done = start(EVENT, None)

    assert done == {"action": "start", "instance_id": MACHINE, "was": was, "is": now}
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == done


@pytest.mark.parametrize(("was", "now"), [("running", "stopping"), ("stopped", "stopped")])
def test_a_stop_is_success_whatever_was_before(ec2: Stubber, was: str, now: str) -> None:
    answer = change("StoppingInstances", was, now)
    ec2.add_response("stop_instances", answer, {"InstanceIds": [MACHINE]})

    assert stop(EVENT)["is"] == now


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("InvalidInstanceID.NotFound", "there is no such machine in this region"),
        ("IncorrectInstanceState", "in the state it is in: so said EC2"),
        ("UnauthorizedOperation", "UnauthorizedOperation: so said EC2"),
        ("RequestLimitExceeded", "RequestLimitExceeded: so said EC2"),
        ("InsufficientInstanceCapacity", "InsufficientInstanceCapacity: so said EC2"),
    ],
)
@pytest.mark.parametrize("function", [start, stop])
def test_a_refusal_says_which_machine_and_why_and_fails(
    ec2: Stubber,
    capsys: pytest.CaptureFixture[str],
    function: Callable[[dict[str, str], None], dict[str, str]],
    code: str,
    said: str,
) -> None:
    action = function.__name__
    ec2.add_client_error(f"{action}_instances", code, "so said EC2")

    with pytest.raises(PowerError, match=f"^cannot {action} {MACHINE}") as failure:
        function(EVENT, None)

    assert said in str(failure.value)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"action": action, "instance_id": MACHINE, "error": code}
