"""A folder as a place of files; who writes one slowly is waited for."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from ingestor.sources.files import Entry
from relevo_contracts import OutageError


class FolderPlace:
    """Place; folders in it are looked into too."""

    is_whole_at_once = False

    def __init__(self, path: Path) -> None:
        self._path = path

    async def entries(self) -> list[Entry]:
        return await asyncio.to_thread(self._entries)

    async def read(self, entry: Entry) -> bytes:
        return await asyncio.to_thread(self._read, entry)

    def address(self, entry: Entry) -> str:
        return (self._path / entry.name).as_uri()

    def _entries(self) -> list[Entry]:
        if not self._path.is_dir():
            raise OutageError(f"{self._path}: no such folder: make it, or mount it there")
        try:
            files = [each for each in self._path.rglob("*") if each.is_file()]
        except OSError as error:
            raise OutageError(f"{self._path}: {error.strerror}") from error
        return [entry for each in files if (entry := self._entry(each))]

    def _entry(self, file: Path) -> Entry | None:
        try:
            found = file.stat()
        except FileNotFoundError:
            return None
        return Entry(
            name=file.relative_to(self._path).as_posix(),
            stamp=f"{found.st_size} {found.st_mtime_ns}",
            size=found.st_size,
            modified=datetime.fromtimestamp(found.st_mtime, UTC),
        )

    def _read(self, entry: Entry) -> bytes:
        file = self._path / entry.name
        try:
            content = file.read_bytes()
        except PermissionError as error:
            text = f"{file} cannot be read: give the ingestor the right to"
            raise FileNotFoundError(text) from error
        if self._entry(file) != entry:
            raise FileNotFoundError(f"{file} is written just now")
        return content
