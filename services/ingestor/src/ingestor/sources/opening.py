"""The source that a dataset's declaration names, opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ingestor.reading.reader import Reader
from ingestor.settings import SourceSettings
from ingestor.sources import cursor, files, group, stream
from ingestor.sources.bucket import BucketPlace, parts
from ingestor.sources.door import open_door
from ingestor.sources.folder import FolderPlace
from ingestor.sources.numbered import NumberedSource
from ingestor.sources.port import Source
from ingestor.sources.rows_api import RowsApi
from ingestor.sources.topic import open_stream
from relevo_datasets import Dataset
from relevo_storage import open_store


@asynccontextmanager
async def open_source(
    dataset: Dataset, settings: SourceSettings, reader: Reader, *, is_alone: bool
) -> AsyncIterator[Source]:
    """The dataset's source, opened without asking whether it is there.

    is_alone: no other dataset is asked for at the numbered source. Raises ValueError
    where nobody says where it is.
    """
    declared, most = dataset.source, settings.ingestor_max_bytes

    @asynccontextmanager
    async def open_api(usual: float) -> AsyncIterator[RowsApi]:
        every = declared.every or usual
        async with open_door(settings.address_of(dataset), dataset.name) as door:
            yield RowsApi(door, reader, dataset, max_bytes=most, every=every)

    match declared.kind:
        case "numbered":
            address = settings.address_of(dataset)
            async with open_door(address, dataset.name) as door:
                yield NumberedSource(door, dataset.name, max_bytes=most, is_alone=is_alone)
        case "cursor":
            async with open_api(cursor.EVERY_SECONDS) as api:
                yield cursor.CursorSource(api)
        case "group":
            async with open_api(group.EVERY_SECONDS) as api:
                yield group.GroupSource(api)
        case "folder":
            folder = FolderPlace(settings.folder_of(dataset))
            every = declared.every or files.EVERY_SECONDS
            yield files.FilesSource(folder, dataset.name, max_bytes=most, every=every)
        case "bucket":
            every = declared.every or files.EVERY_SECONDS
            address = settings.address_of(dataset)
            bucket, _ = parts(address)
            async with open_store(settings.bucket(bucket), is_ours=False) as store:
                place = BucketPlace(store, address)
                yield files.FilesSource(place, dataset.name, max_bytes=most, every=every)
        case "kafka":
            every = declared.every or stream.EVERY_SECONDS
            brokers = settings.brokers_of(dataset)
            async with open_stream(brokers, declared.topic or "") as records:
                yield stream.StreamSource(records, dataset, max_bytes=most, every=every)
