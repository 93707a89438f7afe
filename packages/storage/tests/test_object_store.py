"""What every ObjectStore does: the suite of the port, for the fake and the real one."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator

import pytest

from relevo_contracts import ObjectRef, PoisonError
from relevo_local.servers import S3Address
from relevo_storage import MissingError, ObjectStore, get_verified, open_store, put_by_hash
from relevo_storage.fakes import MemoryStore

ONE_MEGABYTE = 1_000_000


@pytest.fixture(params=["memory", pytest.param("s3", marks=pytest.mark.servers)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[ObjectStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    address: S3Address = request.getfixturevalue("s3")
    async with open_store(address.settings) as real:
        yield real


@pytest.fixture
def prefix() -> str:
    return f"tests/{uuid.uuid4().hex}"


@pytest.mark.parametrize("size", [0, 1, 12 * ONE_MEGABYTE])
async def test_bytes_come_back_as_they_were_put(
    store: ObjectStore, prefix: str, size: int
) -> None:
    content = b"\x00\xff\n" * (size // 3) + b"x" * (size % 3)

    await store.put(f"{prefix}/a.parquet", content)

    assert await store.get(f"{prefix}/a.parquet") == content


async def test_a_key_that_was_never_put_is_not_found(
    store: ObjectStore, prefix: str
) -> None:
    assert not await store.exists(f"{prefix}/nothing")

    with pytest.raises(FileNotFoundError, match=f"{prefix}/nothing"):
        await store.get(f"{prefix}/nothing")


async def test_a_key_exists_once_it_was_put_and_its_folder_does_not(
    store: ObjectStore, prefix: str
) -> None:
    await store.put(f"{prefix}/folder/a", b"a")

    assert await store.exists(f"{prefix}/folder/a")
    assert not await store.exists(f"{prefix}/folder")


async def test_a_second_put_replaces_the_first(store: ObjectStore, prefix: str) -> None:
    await store.put(f"{prefix}/a", b"a long first content")
    await store.put(f"{prefix}/a", b"second")

    assert await store.get(f"{prefix}/a") == b"second"


@pytest.mark.parametrize("name", ["a b", "50%25", "ä#?&+", "..x", "x" * 200])
async def test_a_key_may_have_any_sign(store: ObjectStore, prefix: str, name: str) -> None:
    await store.put(f"{prefix}/{name}", name.encode())

    assert await store.exists(f"{prefix}/{name}")
    assert await store.get(f"{prefix}/{name}") == name.encode()


async def test_a_reader_beside_writers_sees_one_whole_content(
    store: ObjectStore, prefix: str
) -> None:
    whole = {letter * ONE_MEGABYTE for letter in (b"a", b"b", b"c")}
    await store.put(f"{prefix}/a", b"a" * ONE_MEGABYTE)

    async with asyncio.TaskGroup() as racers:
        for content in sorted(whole):
            racers.create_task(store.put(f"{prefix}/a", content))
        seen = [racers.create_task(store.get(f"{prefix}/a")) for _ in range(12)]

    assert {task.result() for task in seen} <= whole


async def test_many_objects_can_be_put_and_read_at_once(
    store: ObjectStore, prefix: str
) -> None:
    keys = [f"{prefix}/{number}" for number in range(50)]

    await asyncio.gather(*(store.put(key, key.encode()) for key in keys))

    contents = await asyncio.gather(*(store.get(key) for key in keys))
    assert contents == [key.encode() for key in keys]


async def test_what_is_put_by_hash_can_be_got_verified(
    store: ObjectStore, prefix: str
) -> None:
    reference = await put_by_hash(store, prefix, b"rows", suffix=".parquet")

    sha256 = hashlib.sha256(b"rows").hexdigest()
    assert reference == ObjectRef(key=f"{prefix}/{sha256}.parquet", sha256=sha256, size=4)
    assert await get_verified(store, reference) == b"rows"


async def test_racers_who_put_the_same_bytes_by_hash_name_the_same_object(
    store: ObjectStore, prefix: str
) -> None:
    content = b"rows" * 100_000

    references = await asyncio.gather(
        *(put_by_hash(store, prefix, content, suffix=".parquet") for _ in range(8))
    )

    assert len(set(references)) == 1
    assert await get_verified(store, references[0]) == content


async def test_other_bytes_than_were_stored_are_poison(
    store: ObjectStore, prefix: str
) -> None:
    reference = await put_by_hash(store, prefix, b"rows", suffix=".parquet")
    await store.put(reference.key, b"roWs")

    with pytest.raises(PoisonError, match="has SHA-256"):
        await get_verified(store, reference)


async def test_a_reference_to_nothing_is_an_outage(store: ObjectStore, prefix: str) -> None:
    reference = ObjectRef(key=f"{prefix}/nothing", sha256="0" * 64, size=4)

    with pytest.raises(MissingError, match="no object"):
        await get_verified(store, reference)
