"""A bucket of an S3 server as a place of files."""

from urllib.parse import urlsplit

from ingestor.sources.files import Entry
from relevo_storage import MinioStore


class BucketPlace:
    """Place: the objects of a bucket whose keys begin with a prefix."""

    is_whole_at_once = True

    def __init__(self, store: MinioStore, url: str) -> None:
        self._store = store
        self._bucket, self._prefix = parts(url)

    async def entries(self) -> list[Entry]:
        cut = len(self._prefix)
        return [
            Entry(each.key[cut:], f"{each.size} {each.etag}", each.size, each.modified)
            for each in await self._store.listed(self._prefix)
        ]

    async def read(self, entry: Entry) -> bytes:
        return await self._store.get(self._prefix + entry.name)

    def address(self, entry: Entry) -> str:
        return f"s3://{self._bucket}/{self._prefix}{entry.name}"


def parts(url: str) -> tuple[str, str]:
    """ "s3://bucket/a/b" -> ("bucket", "a/b/"): what is in a folder, not beside it."""
    address = urlsplit(url)
    prefix = address.path.strip("/")
    return address.netloc, f"{prefix}/" if prefix else ""
