"""Asks a dataset's source once, and says what would be taken.

`python -m ingestor.checking NAME` answers a line of JSON; `relevo source check` shows it.
"""

import asyncio
import sys
from typing import Literal

import pyarrow as pa
from pyarrow import parquet
from pydantic import BaseModel, ValidationError

from ingestor.reading.accepting import Limits
from ingestor.reading.reader import Reader, open_reader
from ingestor.settings import SourceSettings
from ingestor.sources.files import SETTLED_SECONDS
from ingestor.sources.opening import open_source
from ingestor.sources.port import Due, Parcel, Source, StrangeAnswerError
from ingestor.sources.taken import Taken
from relevo_contracts import OutageError, PoisonError
from relevo_datasets import Dataset, dataset_named

TAKES_OUT = {
    "cursor": "asking has moved the cursor of the source on: what it answered is gone there"
    " until it begins anew",
    "group": "asking has taken a part out of the batch of the moment, which has an end",
}
LOOKS, LOOK_SECONDS = 3, SETTLED_SECONDS * 1.01
"""A file is whole when it is the same at two looks."""


class Check(BaseModel):
    """What one question has shown. verdict: strange: it answers in another form."""

    dataset: str
    kind: str
    verdict: Literal["accepted", "refused", "nothing", "away", "strange", "nowhere"]
    text: str = ""
    warning: str = ""
    origin: str = ""
    identity: str = ""
    sha256: str = ""
    rows: int = 0
    columns: tuple[str, ...] = ()


async def check(dataset: Dataset, settings: SourceSettings) -> Check:
    """Ask once, as if nothing had been taken yet; nothing is kept."""
    kind = dataset.source.kind
    limits = Limits(bytes=settings.ingestor_max_bytes, rows=settings.ingestor_max_rows)
    memory, seconds = settings.ingestor_max_memory_bytes, settings.ingestor_max_read_seconds
    told = Check(dataset=dataset.name, kind=kind, verdict="nowhere")
    try:
        async with (
            open_reader(limits, memory=memory, seconds=seconds) as reader,
            open_source(dataset, settings, reader, is_alone=True) as source,
        ):
            found = await _look(source, is_slow=kind == "folder")
            warned = {"warning": TAKES_OUT.get(kind, "")}
            return told.model_copy(update=warned | await _seen(found, reader, dataset))
    except StrangeAnswerError as error:
        return told.model_copy(update={"verdict": "strange", "text": str(error)})
    except OutageError as error:
        return told.model_copy(update={"verdict": "away", "text": str(error)})
    except ValidationError as error:
        missing = ", ".join(str(each["loc"][-1]).upper() for each in error.errors())
        text = f"the environment does not say where it is, or with which keys: {missing}"
        return told.model_copy(update={"text": text})
    except ValueError as error:
        return told.model_copy(update={"text": str(error)})


async def _look(source: Source, *, is_slow: bool) -> Parcel | Due:
    for _ in range(LOOKS if is_slow else 1):
        found = await source.next(Taken())
        if isinstance(found, Parcel) or not is_slow:
            break
        await asyncio.sleep(LOOK_SECONDS)
    return found


async def _seen(found: Parcel | Due, reader: Reader, dataset: Dataset) -> dict[str, object]:
    if isinstance(found, Due):
        return {"verdict": "nothing", "text": found.why or "nothing is there now"}
    seen: dict[str, object] = {
        "origin": found.origin,
        "identity": found.identity,
        "sha256": found.sha256,
    }
    try:
        if found.fault is not None:
            raise PoisonError(found.fault)
        raw = await reader.accept(found.content, found.form, dataset)
    except PoisonError as error:
        return seen | {"verdict": "refused", "text": str(error)}
    names = tuple(parquet.read_schema(pa.BufferReader(raw.content)).names)
    return seen | {"verdict": "accepted", "rows": raw.rows, "columns": names}


if __name__ == "__main__":
    answer = asyncio.run(check(dataset_named(sys.argv[1]), SourceSettings()))
    sys.stdout.write(answer.model_dump_json() + "\n")
