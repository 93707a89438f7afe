"""Kafka's jars: fetched once per person by jgo, checked by their SHA-256, then offline."""

import hashlib
import importlib.resources
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import platformdirs
from filelock import FileLock

from relevo_local.reports import Report, Reporter

LIST = "kafka-4.3.1-jars.txt"
FETCHERS = 8


class JarRefused(Exception):
    """A fetched jar is not the one in our list."""


@dataclass(frozen=True)
class Jar:
    """One line of the list; `path` is group/name/version/file, as Maven has it."""

    sha256: str
    size: int
    path: str

    @property
    def group(self) -> str:
        return ".".join(self.path.split("/")[:-3])

    @property
    def name(self) -> str:
        return self.path.split("/")[-3]

    @property
    def version(self) -> str:
        return self.path.split("/")[-2]


def cache_folder() -> Path:
    """This person's cache of what we fetch and make; safe to delete."""
    return platformdirs.user_cache_path("relevo", ensure_exists=True)


def listed_jars() -> list[Jar]:
    """The jars that the broker and its console tools need, as they were tested."""
    text = importlib.resources.files(__package__).joinpath(LIST).read_text()
    return [
        Jar(sha256, int(size), path)
        for sha256, size, path in map(str.split, text.splitlines())
    ]


def kafka_jars(report: Reporter, folder: Path | None = None) -> list[Path]:
    """Paths of all jars, in the order of the list, each with the right content.

    What is missing is fetched; a second process waits and then finds it. Raises
    JarRefused for a wrong checksum, ConnectionError when nothing can be fetched.
    """
    folder = folder or cache_folder() / "jars"
    folder.mkdir(parents=True, exist_ok=True)
    jars = listed_jars()
    if missing := list(_missing(jars, folder)):
        with FileLock(folder / ".lock"):
            missing = list(_missing(missing, folder))
            _fetch_all(missing, folder, report)
    return [folder / jar.path for jar in jars]


def _missing(jars: Iterable[Jar], folder: Path) -> Iterable[Jar]:
    for jar in jars:
        path = folder / jar.path
        if not path.exists() or digest(path) != jar.sha256:
            yield jar


def digest(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch_all(jars: list[Jar], folder: Path, report: Reporter) -> None:
    with TemporaryDirectory(dir=folder) as scratch, ThreadPoolExecutor(FETCHERS) as pool:
        fetch = _fetcher(Path(scratch))
        pending = [pool.submit(_fetch_one, fetch, jar, folder) for jar in jars]
        try:
            for count, done in enumerate(as_completed(pending), start=1):
                done.result()
                text = f"getting Kafka: {count} of {len(jars)} jars"
                report(Report(process="kafka", text=text))
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch_one(fetch: Callable[[Jar], Path], jar: Jar, folder: Path) -> None:
    try:
        fetched = fetch(jar)
    except Exception as error:  # jgo lets through whatever its HTTP library raises
        raise ConnectionError(
            f"cannot get {jar.name} {jar.version}, which Kafka needs at the first start:"
            f" {error}. Connect to the network and start again."
        ) from error
    if digest(fetched) != jar.sha256:
        raise JarRefused(f"{jar.path} is not the file that was tested: its SHA-256 differs")
    target = folder / jar.path
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(fetched, target)


def _fetcher(scratch: Path) -> Callable[[Jar], Path]:
    from jgo.maven import MavenContext  # slow to import, and needed once per machine

    context = MavenContext(repo_cache=scratch)

    def fetch(jar: Jar) -> Path:
        component = context.project(jar.group, jar.name).at_version(jar.version)
        return Path(component.artifact(packaging="jar").resolve())

    return fetch
