"""The stack's machine as EC2 sees it."""

from typing import Any

from botocore.exceptions import ClientError

from relevo_aws.errors import CommandError
from relevo_aws.lambda_power import GONE

ENDED = {"terminated", "shutting-down"}


def state_of(ec2: Any, instance_id: str) -> str:
    """EC2's word for its state; raises CommandError when it is not there any more."""
    try:
        found = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        found = []
    states = [each["State"]["Name"] for one in found for each in one["Instances"]]
    if not states or states[0] in ENDED:
        raise CommandError(
            f"the stack's machine {instance_id} is gone, somebody else has ended it: "
            "`relevo-aws destroy`, then `relevo-aws deploy` make a new one"
        )
    return str(states[0])


def address_of(ec2: Any, instance_id: str) -> str:
    """Its fixed IP address; raises CommandError when it has none any more."""
    asked = [{"Name": "instance-id", "Values": [instance_id]}]
    found = ec2.describe_addresses(Filters=asked)["Addresses"]
    if not found:
        raise CommandError(
            f"the machine {instance_id} has lost its address, somebody else has taken it: "
            "associate it again in the console, or `relevo-aws destroy` and `deploy`"
        )
    return str(found[0]["PublicIp"])
