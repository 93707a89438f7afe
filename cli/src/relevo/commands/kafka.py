"""`relevo kafka TOOL …`: Kafka's own tools with their own arguments."""

import os
from collections.abc import Sequence
from typing import Annotated

import typer

from relevo.commands.options import default_state
from relevo.errors import CommandError
from relevo.settings import Settings
from relevo_local.places.addresses import NotRunning
from relevo_local.servers.kafka_tools import SERVER, TOOLS, kafka_tool
from relevo_local.supervising.programs import Command

EXPLAINED = {
    "topics": "--list · --describe --topic batch.raw",
    "console-consumer": "--topic batch.raw --from-beginning"
    " --formatter-property print.headers=true --formatter-property print.key=true",
    "console-producer": "--topic batch.raw",
    "consumer-groups": "--list · --describe --all-groups",
    "configs": "--describe --entity-type topics --entity-name model.promoted",
    "get-offsets": "--topic batch.raw",
}
ASKS_ONLY = {"--help", "--version"}
JAVAS_WORDS = ("-Xlog:disable", "-Xlog:all=error:stderr")
"""Java warns on the standard output, which is the tool's."""

PASSED_THROUGH = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "allow_interspersed_args": False,
}
"""What follows the tool's name is the tool's, also --help."""


def kafka(
    context: typer.Context,
    tool: Annotated[str | None, typer.Argument(metavar="TOOL", show_default=False)] = None,
) -> None:
    """Kafka's own tools; alone: which there are.

    --bootstrap-server is added when it is absent: RELEVO_KAFKA, else the platform of
    the state folder (RELEVO_STATE, else .relevo).
    """
    if tool is None:
        typer.echo(listing())
        return
    if tool not in TOOLS:
        raise CommandError(f"no Kafka tool {tool!r}; there are: {', '.join(TOOLS)}", code=2)
    run(command_for(tool, context.args))


def command_for(tool: str, arguments: Sequence[str]) -> Command:
    """How the tool is run. Raises CommandError when it is not known against which Kafka."""
    address = Settings().kafka
    is_named = any(argument.split("=")[0] == SERVER for argument in arguments)
    if address is None and ASKS_ONLY & set(arguments):
        address = "127.0.0.1:9092"  # not asked, but the tool wants one
    given = [SERVER, address, *arguments] if address and not is_named else list(arguments)
    try:
        return kafka_tool(default_state(), tool, given)
    except NotRunning as error:
        raise CommandError(
            f"relevo does not run from {default_state()}: start it by `relevo up`, or name"
            f" a Kafka by {SERVER} HOST:PORT or RELEVO_KAFKA",
            code=3,
        ) from error
    except ConnectionError as error:
        raise CommandError(f"Kafka's tools could not be fetched: {error}") from error


def run(command: Command) -> None:
    """Become the tool: its terminal, its signals and its exit code are its own."""
    java, *rest = [str(argument) for argument in command.arguments]
    arguments = [java, *JAVAS_WORDS, *rest]
    os.execve(java, arguments, dict(command.environment))  # noqa: S606


def listing() -> str:
    """The tools, each with an example of its own arguments."""
    lines = [f"  relevo kafka {name:<17} {EXPLAINED.get(name, '')}" for name in TOOLS]
    return "\n".join(["Kafka's own tools, with their own arguments, for example:", *lines])
