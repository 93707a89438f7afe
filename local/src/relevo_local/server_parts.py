"""The four servers of a platform: their ports and secrets, and how services reach them."""

import asyncio
from dataclasses import dataclass

from relevo_local.options import Options
from relevo_local.places.port_book import PortBook
from relevo_local.reports import Reporter
from relevo_local.servers import Kafka, Mlflow, Postgres, SeaweedFS
from relevo_local.servers.seaweedfs import PORTS
from relevo_local.supervising.parts import Part, WithTask
from relevo_runtime.kafka.topics import create_topics
from relevo_storage import migrate

MLFLOW_RANK, SERVERS_RANK = 1, 0
DRAIN_SECONDS = "3"
"""How long a service may finish what it is doing when all is stopped within 10 s."""


@dataclass(frozen=True)
class Servers:
    """The four servers, with their ports and secrets."""

    kafka: Kafka
    postgres: Postgres
    seaweedfs: SeaweedFS
    mlflow: Mlflow


def choose_servers(options: Options, ports: PortBook, report: Reporter) -> Servers:
    """Their ports are chosen and their secrets made here, before anything starts."""
    state = options.state
    postgres = Postgres(state / "postgres", ports.one("postgres"))
    seaweedfs = SeaweedFS(state / "seaweedfs", tuple(ports.several("seaweedfs", PORTS)))
    broker, controller = ports.several("kafka", 2)
    return Servers(
        kafka=Kafka(state / "kafka", broker, controller, report),
        postgres=postgres,
        seaweedfs=seaweedfs,
        mlflow=Mlflow(
            state / "mlflow",
            ports.one("mlflow", options.mlflow_port),
            postgres.url("mlflow"),
            seaweedfs.address,
        ),
    )


def server_parts(servers: Servers) -> list[Part]:
    """The servers side by side; the broker's topics and the catalog's tables with them."""
    catalog = servers.postgres.url("catalog")

    def topics() -> None:
        asyncio.run(create_topics(servers.kafka.bootstrap_servers))

    def tables() -> None:
        asyncio.run(migrate(catalog))

    return [
        Part(WithTask(servers.postgres, tables), rank=SERVERS_RANK),
        Part(servers.seaweedfs, rank=SERVERS_RANK),
        Part(WithTask(servers.kafka, topics), rank=SERVERS_RANK),
        # It needs no `needs`: it loads itself for seconds before it asks for its database.
        Part(servers.mlflow, rank=MLFLOW_RANK, url=servers.mlflow.url),
    ]


@dataclass(frozen=True)
class Environments:
    """What a process needs in its environment to reach each of the servers."""

    kafka: dict[str, str]
    store: dict[str, str]
    catalog: dict[str, str]
    mlflow: dict[str, str]

    @property
    def storage(self) -> dict[str, str]:
        """Kafka, the store and the catalog."""
        return self.kafka | self.store | self.catalog


def environments_of(servers: Servers) -> Environments:
    """By the servers' addresses."""
    return Environments(
        kafka={
            "KAFKA_BOOTSTRAP_SERVERS": servers.kafka.bootstrap_servers,
            "DRAIN_SECONDS": DRAIN_SECONDS,
        },
        store=servers.seaweedfs.address.environment,
        catalog={"CATALOG_URL": servers.postgres.url("catalog")},
        mlflow={"MLFLOW_TRACKING_URI": servers.mlflow.url},
    )
