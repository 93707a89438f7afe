"""A stack is created or changed: first the plan in words, then a question, then it."""

import boto3
import typer

from relevo_aws import plan, template
from relevo_aws.choices import WRONG
from relevo_aws.errors import CommandError
from relevo_aws.stack import ABSENT, Stack

MACHINE_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
"""The SSM parameter with which AWS names its newest Amazon Linux 2023."""

ONLY_REMOVABLE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}


def create(
    stack: Stack, missing: list[str], parameters: dict[str, str], *, yes: bool
) -> None:
    """A new stack, on the newest Amazon Linux.

    It is asked for here, once: were it asked for in the template, each later deploy
    would replace the machine whenever AWS has made a newer one.
    """
    if missing:
        raise CommandError(f"a new stack needs {' and '.join(missing)}", code=WRONG)
    tell_creation(template.defaults() | parameters)
    agreed(f"Create {stack.name}?", yes=yes)
    newest = boto3.client("ssm").get_parameter(Name=MACHINE_IMAGE)["Parameter"]["Value"]
    change_set = stack.propose(parameters | {"MachineImage": newest})
    if change_set:
        stack.carry_out(change_set, typer.echo)


def update(stack: Stack, parameters: dict[str, str], *, yes: bool) -> None:
    """A change of a stack that stands; parameters that are not named stay."""
    change_set = stack.propose(parameters)
    if change_set is None:
        typer.echo(f"{stack.name} is as it should be: nothing to change")
        return
    for resource in stack.changes(change_set):
        typer.echo(plan.change(resource))
    try:
        agreed(f"Change {stack.name}?", yes=yes)
    except typer.Abort:
        stack.discard(change_set)
        raise
    stack.carry_out(change_set, typer.echo)


def changeable(stack: Stack) -> str | None:
    """Its status; raises CommandError while it cannot be changed."""
    status = stack.status()
    if status in ABSENT or status is None:
        return status
    if status in ONLY_REMOVABLE:
        raise CommandError(
            f"{stack.name} is {status}: it can only be removed. `relevo-aws destroy`, "
            "then `relevo-aws deploy` again"
        )
    if status.endswith("_IN_PROGRESS"):
        raise CommandError(f"{stack.name} is {status}: wait until that has ended")
    return status


def tell_creation(parameters: dict[str, str]) -> None:
    """The plan of a new stack."""
    typer.echo("It would create:")
    for line in plan.creation(template.parsed(), parameters):
        typer.echo(line)


def agreed(question: str, *, yes: bool) -> None:
    """Ask; raises typer.Abort for a no."""
    if not yes:
        typer.confirm(question, abort=True)
