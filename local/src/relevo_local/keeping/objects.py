"""The store's objects as files, and back; each is compared with its checksum."""

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from minio import Minio

from relevo_local.keeping.errors import KeepingError
from relevo_local.places.addresses import S3Address
from relevo_local.reports import Report, Reporter
from relevo_local.servers.jars import digest
from relevo_local.servers.seaweedfs import BUCKETS, client_of

SUMS = "SHA256SUMS"
"""In the form of `sha256sum`, which can check it, too."""
FOLDER = "objects"
SAID_EVERY_SECONDS = 2.0


def sizes(address: S3Address) -> dict[str, int]:
    """Every object, as bucket/key, with its size in bytes."""
    client = client_of(address)
    return {
        f"{bucket}/{found.object_name}": found.size or 0
        for bucket in BUCKETS
        for found in client.list_objects(bucket, recursive=True)
        if not found.is_dir
    }


def fetch(
    address: S3Address, names: Iterable[str], folder: Path, report: Reporter
) -> Mapping[str, str]:
    """Each object as a file below the folder; gives their SHA-256 by name."""
    client, sums = client_of(address), {}
    for name in told(list(names), "copied", report):
        bucket, _, key = name.partition("/")
        file = place(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        client.fget_object(bucket, key, str(file))
        sums[name] = digest(file)
    return sums


def put(
    address: S3Address, sums: Mapping[str, str], folder: Path, report: Reporter
) -> None:
    """Each file below the folder as an object."""
    client: Minio = client_of(address)
    for name in told(list(sums), "put back", report):
        bucket, _, key = name.partition("/")
        client.fput_object(bucket, key, str(place(folder, name)))


def write_sums(sums: Mapping[str, str], folder: Path) -> None:
    """Beside the files; the names are relative to where they stand."""
    lines = [f"{found}  {FOLDER}/{name}\n" for name, found in sorted(sums.items())]
    (folder / SUMS).write_text("".join(lines))


def verified_sums(folder: Path, report: Reporter) -> Mapping[str, str]:
    """SHA-256 by name, after every file was compared. Raises KeepingError."""
    try:
        lines = (folder / SUMS).read_text().splitlines()
    except FileNotFoundError as error:
        raise KeepingError(f"{folder} is not whole: {SUMS} is missing") from error
    parts = (line.partition(f"  {FOLDER}/") for line in lines)
    sums = {name: found for found, _, name in parts}
    for name in told(list(sums), "checked", report):
        file = place(folder / FOLDER, name)
        if not file.is_file() or digest(file) != sums[name]:
            raise KeepingError(f"{file} is missing, or is not what was backed up")
    return sums


def place(folder: Path, name: str) -> Path:
    """Where an object's file is. Raises KeepingError for a name that leads elsewhere."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise KeepingError(f"an object is called {name!r}, which is no name for a file")
    return folder / path


def told(names: list[str], done: str, report: Reporter) -> Iterator[str]:
    """The names, one after the other; now and then it is said how far that is."""
    said = time.monotonic()
    for number, name in enumerate(names, start=1):
        yield name
        if number == len(names) or time.monotonic() - said > SAID_EVERY_SECONDS:
            said = time.monotonic()
            text = f"{done} {number:,} of {len(names):,} objects"
            report(Report(process="objects", text=text, counted=(number, len(names))))
