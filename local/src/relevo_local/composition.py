"""Which programs make a platform, at which addresses, with which environment."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from relevo_local.options import Options
from relevo_local.places.addresses import POD, Addresses
from relevo_local.places.port_book import PortBook
from relevo_local.places.secret_file import random_secret, remembered
from relevo_local.reports import Reporter
from relevo_local.servers import Kafka, Mlflow, Postgres, SeaweedFS
from relevo_local.servers.aot import making
from relevo_local.servers.seaweedfs import PORTS
from relevo_local.services import Service
from relevo_local.settings import aws_environment, own_declarations
from relevo_local.supervising.parts import Part, Plan, WithTask
from relevo_runtime.kafka.topics import create_topics
from relevo_storage import migrate

SERVICES_RANK, MLFLOW_RANK, SERVERS_RANK = 2, 1, 0
# A service may have bad luck at its start, a server's own words are better heard at once.
SERVICE_ATTEMPTS = 3
DRAIN_SECONDS = "3"
"""How long a service may finish what it is doing when all is stopped within 10 s."""


def whole_platform(options: Options, report: Reporter) -> Plan:
    """The four servers and all our services."""
    ports = PortBook(options.state, report)
    servers = choose_servers(options, ports, report)
    services = service_parts(options, servers, ports)
    return Plan(
        [*server_parts(servers), *services],
        addresses_of(options, servers, services),
        making(),
    )


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


def service_parts(options: Options, servers: Servers, ports: PortBook) -> list[Part]:
    """Every process of ours, with the addresses of what it needs in its environment."""
    secrets = remembered(options.state / "secrets.json", webhook=random_secret)
    kafka = {
        "KAFKA_BOOTSTRAP_SERVERS": servers.kafka.bootstrap_servers,
        "DRAIN_SECONDS": DRAIN_SECONDS,
    }
    s3 = servers.seaweedfs.address
    store = {
        "S3_ENDPOINT_URL": s3.endpoint_url,
        "S3_ACCESS_KEY": s3.access_key,
        "S3_SECRET_KEY": s3.secret_key,
        "S3_BUCKET": s3.bucket,
    }
    catalog = {"CATALOG_URL": servers.postgres.url("catalog")}
    mlflow = {"MLFLOW_TRACKING_URI": servers.mlflow.url}
    build = _Builder(options, ports)
    source = build.part(
        "data-api",
        {
            "DATA_API_INTERVAL_SECONDS": f"{options.interval_seconds:g}",
            "DATA_API_STATE": str(build.folder("data-api")),
            **rows(),
        },
        needs=(),
        usual_port=options.data_api_port,
    )
    watcher_port = ports.one("registry-watcher")
    # In a new checkout each process compiles what it imports; side by side all of them
    # would compile the same. So one goes first, beside the servers.
    first = "cleaner"
    all_three = ("kafka", "postgres", "seaweedfs", first)
    data = {"DATA_API_URL": source.url or ""}
    webhook = {
        "REGISTRY_WATCHER_URL": f"http://127.0.0.1:{watcher_port}",
        "REGISTRY_WATCHER_WEBHOOK_SECRET": secrets["webhook"],
    }
    everything = kafka | store | catalog
    pods = [
        build.part(
            f"{POD}{number}",  # as it is called in its events and metrics
            # nobody watches /ready here to send requests elsewhere
            kafka | store | {"INFERENCE_POD": f"{POD}{number}", "STOP_DELAY_SECONDS": "0"},
            ("kafka", "seaweedfs", first),
            usual_port=options.first_pod_port + number - 1,
            module="inference",
        )
        for number in range(1, options.pods + 1)
    ]
    trainer = build.part("trainer", everything | mlflow | _member("trainer"), all_three)
    lag_watcher = build.part("lag-watcher", kafka, ("kafka", first))
    asked = {
        "CONSOLE_LAG_WATCHER_URL": lag_watcher.url or "",
        "CONSOLE_TRAINER_URL": trainer.url or "",
        "CONSOLE_INFERENCE_URLS": ",".join(pod.url or "" for pod in pods),
        "CONSOLE_MLFLOW_LINK": servers.mlflow.url,
    }
    return [
        source,
        build.part(first, everything | _member("cleaner"), needs=()),
        build.part("ingestor", everything | data | aws_environment(), all_three),
        trainer,
        build.part("registry-watcher", everything | mlflow | webhook, all_three),
        *pods,
        lag_watcher,
        build.part(
            "console",
            everything | data | mlflow | asked,
            ("kafka", "postgres", first),
            usual_port=options.console_port,
        ),
    ]


def rows() -> dict[str, str]:
    """Where the data source looks for what it does not ship: beside one's declarations."""
    folder = own_declarations()
    return {"DATA_API_FOLDER": str(folder)} if folder else {}


def addresses_of(options: Options, servers: Servers, services: list[Part]) -> Addresses:
    """What a client needs to know of all that."""
    urls = {part.name: part.url or "" for part in services}
    return Addresses(
        kafka=servers.kafka.bootstrap_servers,
        catalog_url=servers.postgres.url("catalog"),
        s3=servers.seaweedfs.address,
        mlflow=servers.mlflow.url,
        data_api=urls["data-api"],
        inference=[url for name, url in urls.items() if name.startswith(POD)],
        services=urls,
        datasets=options.datasets,
    )


@dataclass(frozen=True)
class _Builder:
    options: Options
    ports: PortBook

    def part(
        self,
        name: str,
        environment: dict[str, str],
        needs: tuple[str, ...],
        *,
        usual_port: int | None = None,
        module: str | None = None,
    ) -> Part:
        service = Service(
            name=name,
            module=module or name.replace("-", "_"),
            port=self.ports.one(name, usual_port),
            folder=self.folder(name),
            environment={"RELEVO_DATASET": ",".join(self.options.datasets)} | environment,
        )
        return Part(service, needs, SERVICE_ATTEMPTS, service.url, SERVICES_RANK)

    def folder(self, name: str) -> Path:
        """Where that process runs."""
        return self.options.state / "work" / name


def _member(name: str) -> dict[str, str]:
    """A group member with a name of its own keeps its partitions over a quick restart."""
    return {"KAFKA_GROUP_INSTANCE_ID": name}
