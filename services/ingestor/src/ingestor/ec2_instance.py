"""The machine of a data source at AWS: its state, for people; nothing depends on it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from ingestor.metrics import SOURCE_INSTANCE_STATE
from relevo_contracts import OutageError

EVERY_SECONDS = 60.0
STATES = ("pending", "running", "stopping", "stopped", "shutting-down", "terminated")
UNKNOWN = "unknown"

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class SourceInstance(Protocol):
    """A machine that can be looked at."""

    async def state(self) -> str:
        """EC2's word for its state; raises OutageError where that cannot be known."""


class Ec2Instance:
    """SourceInstance by `describe_instances`, with the credentials that boto3 finds."""

    def __init__(self, instance_id: str, *, region: str) -> None:
        # Imported here: 30 MB that only those pay for who have a machine at AWS.
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        self._failures = (BotoCoreError, ClientError)
        self._ec2 = boto3.client("ec2", region_name=region)
        self._id = instance_id

    async def state(self) -> str:
        try:
            answer = await asyncio.to_thread(
                self._ec2.describe_instances, InstanceIds=[self._id]
            )
        except self._failures as error:
            raise OutageError(f"AWS tells no state of {self._id}: {error}") from error
        states = [
            str(each["State"]["Name"])
            for reservation in answer["Reservations"]
            for each in reservation["Instances"]
        ]
        return states[0] if states else "terminated"


async def show_state(
    instance: SourceInstance, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Keep the metric at the machine's state, for ever; each change is one log line."""
    before = None
    while True:
        reason = None
        try:
            state = await instance.state()
        except OutageError as error:
            state, reason = UNKNOWN, str(error)
        for name in (*STATES, UNKNOWN):
            SOURCE_INSTANCE_STATE.labels(name).set(name == state)
        if state != before:
            log.info("the source's machine", state=state, reason=reason)
        before = state
        await sleep(EVERY_SECONDS)
