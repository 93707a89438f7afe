"""Kafka's own console tools on the jars that the broker runs on."""

import importlib.resources
from collections.abc import Sequence
from pathlib import Path

from relevo_local.places.addresses import read_addresses
from relevo_local.servers.java import java, kafka_classpath
from relevo_local.settings import inherited_environment
from relevo_local.supervising.programs import Command

TOOLS = {
    "topics": "org.apache.kafka.tools.TopicCommand",
    "console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "console-producer": "org.apache.kafka.tools.ConsoleProducer",
    "consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "configs": "kafka.admin.ConfigCommand",
    "get-offsets": "org.apache.kafka.tools.GetOffsetShell",
}
SERVER = "--bootstrap-server"


def kafka_tool(state: Path, tool: str, arguments: Sequence[str]) -> Command:
    """How to run a tool with a person's own arguments, against the platform that runs.

    The broker's address is added unless the arguments name one; then no platform needs
    to run here. Raises ValueError for an unknown tool, NotRunning.
    """
    if tool not in TOOLS:
        raise ValueError(f"there is no tool {tool!r}: {', '.join(TOOLS)}")
    given = any(argument.split("=")[0] == SERVER for argument in arguments)
    server = [] if given else [SERVER, read_addresses(state).kafka]
    logging = importlib.resources.files(__package__) / "tools-log4j2.properties"
    options = ("-Xmx256m", f"-Dlog4j2.configurationFile={logging}")
    return Command(
        [*java(kafka_classpath(), *options), TOOLS[tool], *server, *arguments],
        inherited_environment(),
    )
