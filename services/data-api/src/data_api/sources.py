"""Where the rows of each dataset lie: as set, else in the given folder, else shipped."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "data"
DEFAULT = "diabetes130"
BATCH_ROWS = 15_000
SUFFIXES = (".parquet", ".csv")
NAME = re.compile(r"[A-Za-z0-9][\w-]*")
SOURCE = re.compile(rf"({NAME.pattern})=(.+?)(?::(\d+))?(:headless)?")


@dataclass(frozen=True)
class Source:
    """A folder whose files are the batches, or one file that is cut into batches."""

    name: str
    path: Path
    rows: int = BATCH_ROWS
    has_header: bool = True
    """Whether a CSV's first line has the names; else they are f0, f1 and so on."""

    @property
    def is_cut(self) -> bool:
        """Whether its files are cut; else each file is one batch."""
        return not self.path.is_dir()

    def files(self) -> list[Path]:
        """What there is just now, in the order of the names."""
        found = self.path.iterdir() if self.path.is_dir() else [self.path]
        return sorted(path for path in found if path.is_file() and _is_table(path))


def parse_names(value: object) -> object:
    """ "a,b" as a tuple of names; raises ValueError for what is no name."""
    if not isinstance(value, str):
        return value
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    for name in names:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a dataset")
    return names


def parse_sources(value: object) -> object:
    """ "a=path,b=path:ROWS:headless" as sources; raises ValueError for another form.

    A comma parts two sources only where a name follows it: paths may have commas.
    """
    if not isinstance(value, str):
        return value
    found = []
    for part in re.split(rf",(?=\s*{NAME.pattern}=)", value):
        match = SOURCE.fullmatch(part.strip())
        if not match or match[3] == "0":
            raise ValueError(
                f"{part!r} is no source: write it as name=path or name=path:ROWS"
            )
        name, path, rows, headless = match.groups()
        found.append(Source(name, Path(path), int(rows or BATCH_ROWS), not headless))
    return tuple(found)


def choose(
    names: Iterable[str], sources: Iterable[Source], folder: Path | None
) -> Iterator[Source | str]:
    """The source of each dataset that is to be handed out; a name alone has no rows here.

    The names come first; without names and sources it is the default.
    """
    given = {source.name: source for source in sources}
    for name in dict.fromkeys([*names, *given]) or [DEFAULT]:
        yield given.get(name) or _found(name, folder) or name


def _found(name: str, folder: Path | None) -> Source | None:
    places = [SHIPPED / name]
    if folder is not None:
        said = _said(folder / f"{name}.toml")
        if said.get("kind", "numbered") != "numbered":
            return None  # others hand it out
        if "path" in said:
            return _declared(name, folder, said)
        files = (folder / f"{name}{suffix}" for suffix in SUFFIXES)
        places = [folder / name, *files, *places]
    found = (Source(name, place) for place in places)
    return next((source for source in found if source.files()), None)


def _said(file: Path) -> dict[str, Any]:
    """What a declaration says of its source; what else it declares is for others to judge.

    Raises ValueError for what is not TOML.
    """
    if not file.is_file():
        return {}
    try:
        said = tomllib.loads(file.read_text()).get("source", {})
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error
    return said if isinstance(said, dict) else {}


def _declared(name: str, folder: Path, said: dict[str, Any]) -> Source:
    """Where a declaration says that its rows lie; a path is relative to the folder."""
    rows, has_header = said.get("batch_rows", BATCH_ROWS), said.get("header", True)
    return Source(name, (folder / said["path"]).resolve(), rows, has_header)


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES
