"""The state of the source's machine becomes a metric, and trouble with AWS nothing else."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from prometheus_client import REGISTRY

from ingestor.ec2_instance import Ec2Instance, show_state
from relevo_contracts import OutageError

MACHINE = "i-0123456789abcdef0"


class Enough(Exception):
    """The test has seen what it wanted."""


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """EC2 that answers from a record."""
    client: Any = boto3.client(
        "ec2",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
    with Stubber(client) as recorded:
        yield recorded


def answer(state: str) -> dict[str, Any]:
    return {"Reservations": [{"Instances": [{"State": {"Name": state}}]}]}


def shown() -> set[str]:
    """The states whose series is 1."""
    return {
        sample.labels["state"]
        for metric in REGISTRY.collect()
        if metric.name == "relevo_source_instance_state"
        for sample in metric.samples
        if sample.value == 1
    }


async def test_the_metric_shows_the_state_that_ec2_tells_or_that_it_tells_none(
    ec2: Stubber,
) -> None:
    for state in ("running", "stopping"):
        ec2.add_response("describe_instances", answer(state))
    ec2.add_client_error("describe_instances", "UnauthorizedOperation")
    ec2.add_response("describe_instances", {"Reservations": []})
    seen: list[set[str]] = []

    async def sleep(_: float) -> None:
        seen.append(shown())
        if len(seen) == 4:
            raise Enough

    with pytest.raises(Enough):
        await show_state(Ec2Instance(MACHINE, region="us-east-1"), sleep)

    assert seen == [{"running"}, {"stopping"}, {"unknown"}, {"terminated"}]


async def test_a_refusal_says_which_machine_and_why(ec2: Stubber) -> None:
    ec2.add_client_error("describe_instances", "UnauthorizedOperation", "not for you")

    with pytest.raises(OutageError, match=f"{MACHINE}.*not for you"):
        await Ec2Instance(MACHINE, region="us-east-1").state()


@pytest.mark.slow
def test_who_has_no_machine_at_aws_does_not_pay_for_boto3() -> None:
    asked = "import sys, ingestor.app; sys.exit('boto3' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", asked]).returncode == 0
