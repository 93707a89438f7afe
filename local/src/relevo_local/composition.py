"""Which programs make a platform, at which addresses, with which environment."""

from dataclasses import dataclass
from pathlib import Path

from relevo_local.options import Options
from relevo_local.places.addresses import POD, Addresses
from relevo_local.places.port_book import PortBook
from relevo_local.places.secret_file import random_secret, remembered
from relevo_local.reports import Reporter
from relevo_local.server_parts import (
    Environments,
    Servers,
    choose_servers,
    environments_of,
    server_parts,
)
from relevo_local.servers.aot import making
from relevo_local.services import Service
from relevo_local.settings import aws_environment, own_declarations
from relevo_local.supervising.parts import Part, Plan
from relevo_local.supervising.processes import processes_file

SERVICES_RANK = 2
# A service may have bad luck at its start, a server's own words are better heard at once.
SERVICE_ATTEMPTS = 3
FIRST = "cleaner"
"""In a new checkout each process compiles what it imports; side by side all of them would
compile the same. So this one goes first, beside the servers."""


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


def service_parts(options: Options, servers: Servers, ports: PortBook) -> list[Part]:
    """Every process of ours, with the addresses of what it needs in its environment."""
    to = environments_of(servers)
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
    data = {"DATA_API_URL": source.url or ""}
    all_three = ("kafka", "postgres", "seaweedfs", FIRST)
    pods = [pod(build, number, to) for number in range(1, options.pods + 1)]
    trainer = build.part("trainer", to.storage | to.mlflow | _member("trainer"), all_three)
    lag_watcher = build.part("lag-watcher", to.kafka, ("kafka", FIRST))
    asked = {
        "CONSOLE_LAG_WATCHER_URL": lag_watcher.url or "",
        "CONSOLE_TRAINER_URL": trainer.url or "",
        "CONSOLE_INFERENCE_URLS": ",".join(pod.url or "" for pod in pods),
        "CONSOLE_MLFLOW_LINK": servers.mlflow.url,
        "CONSOLE_PROCESSES_FILE": str(processes_file(options.state)),
    }
    return [
        source,
        build.part(FIRST, to.storage | _member(FIRST), needs=()),
        build.part("ingestor", to.storage | data | aws_environment(), all_three),
        trainer,
        build.part(
            "registry-watcher",
            to.storage | to.mlflow | webhook(options, ports),
            all_three,
        ),
        *pods,
        lag_watcher,
        build.part(
            "console",
            to.storage | data | to.mlflow | asked,
            ("kafka", "postgres", FIRST),
            usual_port=options.console_port,
        ),
    ]


def pod(build: "_Builder", number: int, to: Environments) -> Part:
    """A process of inference, called as in its events and metrics."""
    name = f"{POD}{number}"
    # nobody watches /ready here to send requests elsewhere
    own = {"INFERENCE_POD": name, "STOP_DELAY_SECONDS": "0"}
    return build.part(
        name,
        to.kafka | to.store | own,
        ("kafka", "seaweedfs", FIRST),
        usual_port=build.options.first_pod_port + number - 1,
        module="inference",
    )


def webhook(options: Options, ports: PortBook) -> dict[str, str]:
    """Where MLflow calls the registry-watcher, and the secret that signs the calls."""
    secrets = remembered(options.state / "secrets.json", webhook=random_secret)
    return {
        "REGISTRY_WATCHER_URL": f"http://127.0.0.1:{ports.one('registry-watcher')}",
        "REGISTRY_WATCHER_WEBHOOK_SECRET": secrets["webhook"],
    }


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
