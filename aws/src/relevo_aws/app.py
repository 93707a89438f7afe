"""The commands put together, and the one place where errors become a line."""

from collections.abc import Sequence
from typing import Annotated

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError
from typer.exceptions import TyperException

from relevo_aws import lambda_power, template
from relevo_aws.choices import WRONG, Choices, time_of
from relevo_aws.deploying import agreed, changeable, create, tell_creation, update
from relevo_aws.errors import CommandError, in_words
from relevo_aws.machine import address_of, state_of
from relevo_aws.stack import ABSENT, Stack

POLL_SECONDS = 3.0

Name = Annotated[str, typer.Option("--stack", help="the stack's name")]
Region = Annotated[str | None, typer.Option(help="where; else as AWS is configured")]
Cidr = Annotated[str | None, typer.Option(help="who may ask the data API: 203.0.113.7/32")]
Image = Annotated[str | None, typer.Option(help="the data-api image in a public registry")]
Start = Annotated[str | None, typer.Option(help="when it wakes: 08:55")]
Stop = Annotated[str | None, typer.Option(help="when it sleeps: 23:55")]
Zone = Annotated[str | None, typer.Option(help="time zone of both: America/Lima")]
Size = Annotated[str | None, typer.Option(help="the machine's type: t3.small")]
Interval = Annotated[int | None, typer.Option(min=1, help="seconds between batches: 300")]
Dataset = Annotated[str | None, typer.Option(help="what the tables mean: diabetes130")]
Bucket = Annotated[
    str | None,
    typer.Option(help="S3 bucket with the folder of that name; else the image's"),
]
Email = Annotated[str | None, typer.Option(help="who hears of failed starts")]
Yes = Annotated[bool, typer.Option("--yes", help="do not ask")]
DEFAULT_NAME = "relevo-data-source"


def show_plan(
    cidr: Cidr = None,
    image: Image = None,
    start: Start = None,
    stop: Stop = None,
    zone: Zone = None,
    size: Size = None,
    interval: Interval = None,
    dataset: Dataset = None,
    dataset_bucket: Bucket = None,
    email: Email = None,
) -> None:
    """What deploy would create. Asks nobody, needs no credentials."""
    choices = Choices(
        *(cidr, image, start, stop, zone, size, interval, dataset, dataset_bucket, email)
    )
    open_ones = {"AllowedCidr": "(--cidr)", "Image": "(--image)"}
    tell_creation(template.defaults() | open_ones | choices.parameters())


def deploy(
    cidr: Cidr = None,
    image: Image = None,
    start: Start = None,
    stop: Stop = None,
    zone: Zone = None,
    size: Size = None,
    interval: Interval = None,
    dataset: Dataset = None,
    dataset_bucket: Bucket = None,
    email: Email = None,
    name: Name = DEFAULT_NAME,
    region: Region = None,
    yes: Yes = False,
) -> None:
    """Create or change the stack, after its plan was shown. The same twice: no change."""
    choices = Choices(
        *(cidr, image, start, stop, zone, size, interval, dataset, dataset_bucket, email)
    )
    parameters = choices.parameters()
    stack = open_stack(name, region)
    if changeable(stack) in ABSENT:
        create(stack, choices.missing, parameters, yes=yes)
    else:
        update(stack, parameters, yes=yes)
    tell_status(stack)


def status(name: Name = DEFAULT_NAME, region: Region = None) -> None:
    """How the stack and its machine are, and what the ingestor must be told."""
    tell_status(open_stack(name, region))


def start(name: Name = DEFAULT_NAME, region: Region = None) -> None:
    """Start the machine now; the schedule stops it."""
    lambda_power.start({"instance_id": machine_of(open_stack(name, region))})


def stop(name: Name = DEFAULT_NAME, region: Region = None) -> None:
    """Stop the machine now; the schedule starts it."""
    lambda_power.stop({"instance_id": machine_of(open_stack(name, region))})


def destroy(name: Name = DEFAULT_NAME, region: Region = None, yes: Yes = False) -> None:
    """Remove the stack and all that it made."""
    stack = open_stack(name, region)
    if stack.status() is None:
        typer.echo(f"there is no stack {name}")
        return
    agreed(f"Remove {name} with its machine and its address?", yes=yes)
    stack.destroy(typer.echo)
    typer.echo(f"nothing is left of {name}")


def machine_of(stack: Stack) -> str:
    """The id of the stack's machine; raises CommandError when it is gone."""
    instance_id = stack.machine()
    state_of(boto3.client("ec2"), instance_id)
    return instance_id


def tell_status(stack: Stack) -> None:
    """One line for each thing that a person or the ingestor wants to know."""
    ec2, instance_id, values = boto3.client("ec2"), stack.machine(), stack.parameters()
    state = state_of(ec2, instance_id)
    start, stop = (time_of(values[name]) for name in ("StartCron", "StopCron"))
    typer.echo(f"{stack.name} is {stack.status()}, its machine {instance_id} is {state}")
    typer.echo(f"DATA_API_URL=http://{address_of(ec2, instance_id)}:8080")
    typer.echo(f'INGESTOR_SOURCE_SCHEDULE="{start:%H:%M}-{stop:%H:%M} {values["Zone"]}"')
    typer.echo(f"INGESTOR_SOURCE_INSTANCE={instance_id}")
    typer.echo(f"INGESTOR_SOURCE_REGION={ec2.meta.region_name}")


def open_stack(name: str, region: str | None) -> Stack:
    """The stack of that name there; raises CommandError for a region that nobody knows."""
    if region:
        boto3.setup_default_session(region_name=region)
    client = boto3.client("cloudformation")
    known = boto3.DEFAULT_SESSION.get_available_regions("cloudformation")
    if client.meta.region_name not in known:
        text = f"AWS has no region {client.meta.region_name!r}: write it as us-east-1"
        raise CommandError(text, code=WRONG)
    return Stack(client, name, poll_seconds=POLL_SECONDS)


def build_app() -> typer.Typer:
    """The command `relevo-aws`."""
    app = typer.Typer(
        name="relevo-aws",
        help="The data source on an EC2 machine that wakes and sleeps by plan.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command("plan")(show_plan)
    for command in (deploy, status, start, stop, destroy):
        app.command()(command)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run a command and answer its exit code; what went wrong is one line."""
    try:
        code = build_app()(
            arguments or ["--help"], prog_name="relevo-aws", standalone_mode=False
        )
    except CommandError as error:
        return failed(str(error), error.code)
    except lambda_power.PowerError as error:
        return failed(str(error), 1)
    except (BotoCoreError, ClientError) as error:
        return failed(in_words(error), 1)
    except TyperException as error:  # asked wrongly: unknown option, missing argument
        return failed(f"{error} (`relevo-aws --help` explains)", error.exit_code)
    except typer.Abort:
        return failed("stopped, nothing was changed", 1)
    return code if isinstance(code, int) else 0


def failed(text: str, code: int) -> int:
    """One line on the error stream."""
    typer.echo(f"relevo-aws: {' '.join(text.split())}", err=True)
    return code
