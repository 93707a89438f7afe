"""Kafka's jars: fetched once per person by jgo, checked by their SHA-256, then offline."""

import hashlib
import importlib.resources
import queue
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import platformdirs
from filelock import FileLock

from relevo_local.reports import Report, Reporter

LIST = "kafka-4.3.1-jars.txt"
FETCHERS = 8
Fetch = Callable[["Jar"], Path]


class JarRefused(OSError):
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
    rows = [line.split() for line in text.splitlines()]
    return [Jar(sha256, int(size), path) for sha256, size, path in rows]


@contextmanager
def maven_fetcher() -> Iterator[Fetch]:
    """Fetches one jar with jgo, which knows where Maven's artifacts are."""
    from jgo.maven import MavenContext  # slow to import, and needed once per machine

    with TemporaryDirectory(prefix="relevo-jars-", ignore_cleanup_errors=True) as scratch:
        context = MavenContext(repo_cache=Path(scratch))

        def fetch(jar: Jar) -> Path:
            component = context.project(jar.group, jar.name).at_version(jar.version)
            return Path(component.artifact(packaging="jar").resolve())

        yield fetch


def kafka_jars(
    report: Reporter,
    *,
    jars: list[Jar] | None = None,
    folder: Path | None = None,
    fetcher: Callable[[], AbstractContextManager[Fetch]] = maven_fetcher,
) -> list[Path]:
    """Paths of all jars, in the order of the list, each with the right content.

    What is missing is fetched; a second process waits and then finds it. Raises
    JarRefused for a wrong checksum, ConnectionError when nothing can be fetched.
    """
    folder = folder or cache_folder() / "jars"
    folder.mkdir(parents=True, exist_ok=True)
    jars = jars or listed_jars()
    if missing := list(_missing(jars, folder)):
        with FileLock(folder / ".lock"), fetcher() as fetch:
            still_missing = list(_missing(missing, folder))
            for count, _ in enumerate(_fetched(still_missing, fetch, folder), start=1):
                total = len(still_missing)
                text = f"getting Kafka: {count} of {total} jars"
                report(Report(process="kafka", text=text, counted=(count, total)))
    return [folder / jar.path for jar in jars]


def digest(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _missing(jars: Iterable[Jar], folder: Path) -> Iterator[Jar]:
    for jar in jars:
        path = folder / jar.path
        if not path.exists() or digest(path) != jar.sha256:
            yield jar


def _fetched(jars: list[Jar], fetch: Fetch, folder: Path) -> Iterator[None]:
    """Fetch all, several at a time; yields once for each that is in place.

    By daemon threads: an executor's threads would hold up a Ctrl-C until their
    downloads are through.
    """
    waiting: queue.SimpleQueue[Jar] = queue.SimpleQueue()
    done: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
    for jar in jars:
        waiting.put(jar)

    def work() -> None:
        try:
            while True:
                _fetch_one(fetch, waiting.get_nowait(), folder)
                done.put(None)
        except queue.Empty:
            return
        except (JarRefused, ConnectionError, OSError) as error:
            done.put(error)

    for _ in range(FETCHERS):
        threading.Thread(target=work, daemon=True).start()
    for _ in jars:
        if error := done.get():
            raise error
        yield


def _fetch_one(fetch: Fetch, jar: Jar, folder: Path) -> None:
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
    # First beside its place, then renamed: nobody ever sees half a jar there.
    beside = target.with_suffix(".new")
    shutil.copyfile(fetched, beside)
    beside.replace(target)
