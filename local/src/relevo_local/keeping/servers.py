"""The two servers that hold data, as they run, or started for as long as it takes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from relevo_local.options import Options
from relevo_local.places.addresses import NotRunning, S3Address, read_addresses
from relevo_local.places.port_book import PortBook
from relevo_local.places.state import hold
from relevo_local.reports import Reporter
from relevo_local.server_parts import choose_servers
from relevo_local.supervising.logs import log_of
from relevo_local.supervising.starting import running


@dataclass(frozen=True)
class Holders:
    """postgres: the URL of the catalog; the other databases are beside it."""

    postgres: str
    s3: S3Address

    def database(self, name: str) -> str:
        """The URL of one of PostgreSQL's databases."""
        return f"{self.postgres.rsplit('/', 1)[0]}/{name}"


@contextmanager
def holders_of(state: Path, report: Reporter) -> Iterator[Holders]:
    """Those of the platform that runs on the state folder; else they are started.

    Raises StartFailed, and AlreadyRunning when a platform is just starting there.
    """
    try:
        addresses = read_addresses(state)
    except NotRunning:
        with started(state, report) as holders:
            yield holders
    else:
        yield Holders(addresses.catalog_url, addresses.s3)


@contextmanager
def started(state: Path, report: Reporter) -> Iterator[Holders]:
    """The servers alone; the folder is held meanwhile, and nothing is left running."""
    with ExitStack() as stack:
        stack.enter_context(hold(state))
        options = Options(state=state)
        servers = choose_servers(options, PortBook(state, report), report)
        for server in (servers.postgres, servers.seaweedfs):
            stack.enter_context(running(server, log_of(state, server.name)))
        yield Holders(servers.postgres.url("catalog"), servers.seaweedfs.address)
