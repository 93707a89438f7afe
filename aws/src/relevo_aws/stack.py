"""The stack: what AWS keeps of it, changes to it, and its end. The stack is the state."""

import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from relevo_aws import template
from relevo_aws.errors import CommandError

ABSENT = {None, "REVIEW_IN_PROGRESS"}
"""States in which nothing was created yet."""

NO_CHANGE = ("No updates are to be performed", "didn't contain changes")
"""What CloudFormation says of a proposal that would change nothing."""

Tell = Callable[[str], object]


class Stack:
    """One stack by its name, over a CloudFormation client of boto3."""

    def __init__(self, client: Any, name: str, *, poll_seconds: float = 3.0) -> None:
        self.name = name
        self._client = client
        self._poll_seconds = poll_seconds
        self._told: set[str] = set()
        self._failures: list[str] = []

    def status(self) -> str | None:
        """As CloudFormation names it; None where there is no stack."""
        described = self._described()
        return str(described["StackStatus"]) if described else None

    def parameters(self) -> dict[str, str]:
        """With which values it stands; raises CommandError where it does not."""
        listed = self._standing().get("Parameters", [])
        return {each["ParameterKey"]: each["ParameterValue"] for each in listed}

    def machine(self) -> str:
        """The id of its machine; raises CommandError where there is none."""
        self._standing()
        pages = self._client.get_paginator("list_stack_resources")
        for page in pages.paginate(StackName=self.name):
            for resource in page["StackResourceSummaries"]:
                if resource["LogicalResourceId"] == "Machine":
                    return str(resource["PhysicalResourceId"])
        raise CommandError(f"{self.name} is {self.status()} and has no machine")

    def propose(self, parameters: Mapping[str, str]) -> str | None:
        """Make a change set and answer its ARN; None when nothing would change.

        parameters: those that are not named keep their value, or get the default.
        """
        new = self.status() in ABSENT
        kept: AbstractSet[str] = (
            set() if new else self.parameters().keys() - parameters.keys()
        )
        try:
            made = self._made(parameters, kept, kind="CREATE" if new else "UPDATE")
        except ClientError as error:
            if NO_CHANGE[0] in str(error):
                return None
            raise
        return self._ready(str(made["Id"]))

    def changes(self, change_set: str) -> list[dict[str, Any]]:
        """The resources that it would change."""
        listed = self._client.describe_change_set(ChangeSetName=change_set)["Changes"]
        return [each["ResourceChange"] for each in listed]

    def discard(self, change_set: str) -> None:
        """Forget the proposal."""
        self._client.delete_change_set(ChangeSetName=change_set)

    def carry_out(self, change_set: str, tell: Tell) -> None:
        """Make it so, telling each step; raises CommandError when it was rolled back."""
        self._skip_events()
        self._client.execute_change_set(ChangeSetName=change_set, StackName=self.name)
        status = self._follow(self.name, tell)
        if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            raise self._rolled_back(status)

    def destroy(self, tell: Tell) -> None:
        """Remove everything, telling each step; raises CommandError for what stays."""
        identity = self._standing()["StackId"]
        self._skip_events()
        self._client.delete_stack(StackName=self.name)
        status = self._follow(identity, tell)
        if status not in {None, "DELETE_COMPLETE"}:
            raise self._rolled_back(status)

    def _made(
        self, parameters: Mapping[str, str], kept: AbstractSet[str], *, kind: str
    ) -> dict[str, Any]:
        made: dict[str, Any] = self._client.create_change_set(
            StackName=self.name,
            ChangeSetName=f"relevo-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}",
            ChangeSetType=kind,
            TemplateBody=template.body(),
            Parameters=[
                *({"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()),
                *({"ParameterKey": k, "UsePreviousValue": True} for k in sorted(kept)),
            ],
            Capabilities=["CAPABILITY_IAM"],
            Tags=[{"Key": "relevo", "Value": "data-source"}],
        )
        return made

    def _described(self, name: str | None = None) -> dict[str, Any] | None:
        try:
            found = self._client.describe_stacks(StackName=name or self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return dict(found[0])

    def _standing(self) -> dict[str, Any]:
        described = self._described()
        if described is None:
            raise CommandError(
                f"there is no stack {self.name}: `relevo-aws deploy` makes it"
            )
        return described

    def _ready(self, change_set: str) -> str | None:
        while True:
            seen = self._client.describe_change_set(ChangeSetName=change_set)
            if seen["Status"] == "CREATE_COMPLETE":
                return change_set
            if seen["Status"] == "FAILED":
                self.discard(change_set)
                reason = seen.get("StatusReason", "no reason given")
                if any(words in reason for words in NO_CHANGE):
                    return None
                raise CommandError(f"AWS refuses the plan: {reason}")
            time.sleep(self._poll_seconds)

    def _follow(self, identity: str, tell: Tell) -> str | None:
        while True:
            described = self._described(identity)
            status = str(described["StackStatus"]) if described else None
            if described:
                self._tell_events(identity, tell)
            if status is None or not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(self._poll_seconds)

    def _events(self, identity: str) -> list[dict[str, Any]]:
        pages = self._client.get_paginator("describe_stack_events")
        return [
            event
            for page in pages.paginate(StackName=identity)
            for event in page["StackEvents"]
        ]

    def _skip_events(self) -> None:
        self._told = {event["EventId"] for event in self._events(self.name)}

    def _tell_events(self, identity: str, tell: Tell) -> None:
        for event in reversed(self._events(identity)):
            if event["EventId"] in self._told:
                continue
            self._told.add(event["EventId"])
            name, status = event["LogicalResourceId"], event["ResourceStatus"]
            tell(f"  {name:15} {status}")
            if status.endswith("_FAILED"):
                self._failures.append(
                    f"{name}: {event.get('ResourceStatusReason', status)}"
                )

    def _rolled_back(self, status: str | None) -> CommandError:
        why = self._failures[0] if self._failures else "its events do not say why"
        return CommandError(f"{self.name} is {status}: {why}")
