"""Apache Kafka: one broker on the loopback address, on the JRE that comes as a wheel."""

import base64
import importlib.resources
import socket
import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from relevo_local.places.ports import LOOPBACK, free_ports
from relevo_local.reports import Reporter, silent
from relevo_local.servers.java import java, kafka_classpath
from relevo_local.settings import inherited_environment
from relevo_local.supervising.programs import Command
from relevo_local.supervising.starting import running


@dataclass(frozen=True)
class Kafka:
    """The broker whose data and configuration live in `folder`.

    Whoever starts it holds a lock on that folder: a second broker on a live folder
    writes before it looks, and wrecks the first.
    """

    folder: Path
    port: int
    controller_port: int
    report: Reporter = silent
    java_options: tuple[str, ...] = ()
    name: str = "kafka"

    @property
    def bootstrap_servers(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> list[Command]:
        """Fetch what is missing, write the configuration; the storage is formatted once."""
        classpath = kafka_classpath(self.report)
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self._write_configuration()
        environment = inherited_environment()
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        heap = ("-Xms64m", "-Xmx256m")
        options = (*heap, logging, *self.java_options)
        broker = [*java(classpath, *options), "kafka.Kafka", str(configuration)]
        commands = [Command(broker, environment, self.folder)]
        # The tool writes this file last, so a format that was killed is done again.
        if not (self.folder / "data" / "meta.properties").exists():
            tool = [*java(classpath, logging), "kafka.tools.StorageTool", "format"]
            tool += [f"--cluster-id={_new_cluster_id()}", "-c", str(configuration)]
            commands.insert(0, Command(tool, environment, self.folder))
        return commands

    def is_ready(self) -> bool:
        """Whether it answers an ApiVersions request, which it does once it serves."""
        # api key 18, version 0, correlation id 1, client id "relevo"
        request = struct.pack(">hhih", 18, 0, 1, 6) + b"relevo"
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(struct.pack(">i", len(request)) + request)
                answer = connection.makefile("rb").read(10)
        except OSError:
            return False
        return len(answer) == 10 and struct.unpack(">iih", answer)[1:] == (1, 0)

    def is_alive(self) -> bool:
        """The same: it needs nobody else for that."""
        return self.is_ready()

    def settle(self) -> None:
        """Nothing: topics are the platform's business."""

    def _write_configuration(self) -> Path:
        files = importlib.resources.files(__package__)
        (self.folder / "log4j2.properties").write_text(
            files.joinpath("log4j2.properties").read_text()
        )
        configuration = self.folder / "server.properties"
        configuration.write_text(
            files.joinpath("server.properties")
            .read_text()
            .format(
                port=self.port,
                controller_port=self.controller_port,
                data=self.folder / "data",
            )
        )
        return configuration


def _new_cluster_id() -> str:
    """A random id in the form that Kafka's tool makes: 22 characters of URL-safe base64."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


@contextmanager
def running_kafka(folder: Path, *, report: Reporter = silent) -> Iterator[str]:
    """A broker on a free port for as long as the block lasts; gives its bootstrap servers.

    Topics have to be created: a producer does not make them. Raises StartFailed.
    """
    port, controller_port = free_ports(2)
    broker = Kafka(folder.resolve(), port, controller_port, report)
    with running(broker, folder / "kafka.log"):
        yield broker.bootstrap_servers
