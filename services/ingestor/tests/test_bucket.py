"""Objects of a real S3 server as batches."""

import uuid

import pytest

from ingestor.sources.bucket import BucketPlace, parts
from ingestor.sources.files import FilesSource
from ingestor.sources.port import Due, Parcel
from ingestor.sources.taken import Taken
from relevo_contracts import OutageError
from relevo_local.servers import S3Address
from relevo_storage import open_store


@pytest.mark.servers
async def test_an_object_is_a_parcel_as_soon_as_it_is_there(s3: S3Address) -> None:
    prefix = uuid.uuid4().hex
    url = f"s3://{s3.bucket}/{prefix}"
    async with open_store(s3.settings, is_ours=False) as store:
        source = FilesSource(BucketPlace(store, url), "pima", max_bytes=1000)
        assert isinstance(await source.next(Taken()), Due)
        await store.put(f"{prefix}/2026/a.csv", b"rows")
        await store.put(f"{prefix}-beside/b.csv", b"rows")

        found = await source.next(Taken())

        assert isinstance(found, Parcel)
        assert (found.identity, found.content) == ("2026/a.csv", b"rows")
        assert found.origin == f"{url}/2026/a.csv"


@pytest.mark.servers
async def test_a_bucket_that_is_not_there_is_an_outage_and_is_not_made(
    s3: S3Address,
) -> None:
    nowhere = f"nowhere-{uuid.uuid4().hex}"
    settings = s3.settings.model_copy(update={"s3_bucket": nowhere})
    async with open_store(settings, is_ours=False) as store:
        place = BucketPlace(store, f"s3://{nowhere}")
        for _ in range(2):
            with pytest.raises(OutageError):
                await place.entries()


def test_a_prefix_is_a_folder() -> None:
    assert parts("s3://bucket/a/b") == ("bucket", "a/b/")
    assert parts("s3://bucket") == parts("s3://bucket/") == ("bucket", "")
