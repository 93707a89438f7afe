"""Starts and stops the data source's machine; the whole code of both Lambda functions.

The event is {"instance_id": "i-…"}. Nothing is waited for, and what is so already is
success: EC2 itself answers so. Of our packages nothing is there when this runs at AWS.
"""

import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

GONE = {"InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"}
BUSY = "IncorrectInstanceState"


class PowerError(Exception):
    """The machine could not be started or stopped: which one, and why."""


def start(event: dict[str, str], _: object = None) -> dict[str, str]:
    """Start the machine; raises PowerError."""
    return _switch("start", event["instance_id"])


def stop(event: dict[str, str], _: object = None) -> dict[str, str]:
    """Stop the machine; raises PowerError."""
    return _switch("stop", event["instance_id"])


def _switch(action: str, instance: str) -> dict[str, str]:
    ec2: Any = boto3.client("ec2")
    call = ec2.start_instances if action == "start" else ec2.stop_instances
    try:
        answer = call(InstanceIds=[instance])
    except ClientError as error:
        said = error.response["Error"]
        _log(action=action, instance_id=instance, error=said["Code"])
        raise PowerError(_in_words(action, instance, said)) from error
    changes = answer["StartingInstances" if action == "start" else "StoppingInstances"]
    done = {
        "action": action,
        "instance_id": instance,
        "was": changes[0]["PreviousState"]["Name"],
        "is": changes[0]["CurrentState"]["Name"],
    }
    _log(**done)
    return done


def _in_words(action: str, instance: str, said: dict[str, str]) -> str:
    code, message = said["Code"], said["Message"]
    if code in GONE:
        return f"cannot {action} {instance}: there is no such machine in this region"
    if code == BUSY:
        return f"cannot {action} {instance} now, in the state it is in: {message}"
    return f"cannot {action} {instance}: {code}: {message}"


def _log(**fields: str) -> None:
    print(json.dumps(fields))  # noqa: T201 - a function's log is what it prints
