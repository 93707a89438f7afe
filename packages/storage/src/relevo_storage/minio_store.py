"""The object store on any server that speaks S3, by the `minio` client."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from minio.helpers import MIN_PART_SIZE
from urllib3.exceptions import HTTPError

from relevo_contracts import OutageError
from relevo_storage.measuring import measured
from relevo_storage.object_store import Stored
from relevo_storage.settings import ObjectStoreSettings

THREADS = 8
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
PASSING = frozenset({401, 403, 408, 409, 429})
"""Answers below 500 that a person or time sets right without a new program."""

T = TypeVar("T")


class MinioStore:
    """ObjectStore; the blocking client runs in a bounded pool of threads."""

    def __init__(self, client: Minio, *, bucket: str, threads: ThreadPoolExecutor) -> None:
        self._client = client
        self._bucket = bucket
        self._threads = threads

    async def ensure_bucket(self) -> None:
        """Make the bucket unless it is there; raises OutageError."""
        await self._run("ensure_bucket", self._ensure_bucket)

    async def put(self, key: str, content: bytes) -> None:
        """Store the bytes in one request, so that nobody sees a part of them."""
        await self._run("put", lambda: self._put(key, content))

    async def get(self, key: str) -> bytes:
        """All bytes under the key; raises FileNotFoundError and OutageError."""
        return await self._run("get", lambda: self._get(key))

    async def exists(self, key: str) -> bool:
        """True when something is stored under the key; raises OutageError."""
        try:
            await self._run("exists", lambda: self._client.stat_object(self._bucket, key))
        except FileNotFoundError:
            return False
        return True

    async def listed(self, prefix: str) -> list[Stored]:
        """All that lies under keys that begin so; raises OutageError."""
        return await self._run("listed", lambda: self._listed(prefix))

    def _listed(self, prefix: str) -> list[Stored]:
        found = self._client.list_objects(self._bucket, prefix=prefix, recursive=True)
        return [
            Stored(each.object_name, each.etag, each.size, each.last_modified)
            for each in found
            if not each.is_dir
        ]

    def _ensure_bucket(self) -> None:
        if self._client.bucket_exists(self._bucket):
            return
        try:
            self._client.make_bucket(self._bucket)
        except S3Error as error:
            if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise

    def _put(self, key: str, content: bytes) -> None:
        size = len(content)
        self._client.put_object(
            self._bucket,
            key,
            io.BytesIO(content),
            size,
            part_size=max(size, MIN_PART_SIZE),
        )

    def _get(self, key: str) -> bytes:
        response = self._client.get_object(self._bucket, key)
        try:
            return response.read()
        finally:
            response.close()
            response.release_conn()

    async def _run(self, name: str, call: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        with measured("objects", name):
            try:
                return await loop.run_in_executor(self._threads, call)
            except (MinioException, HTTPError, OSError) as error:
                raise translated(error) from error


def translated(error: Exception) -> Exception:
    """The error in the port's words; a mistake of ours stays what it is."""
    if isinstance(error, S3Error) and error.code == "NoSuchKey":
        return FileNotFoundError(error.object_name)
    if isinstance(error, HTTPError | OSError) or _is_passing(error):
        return OutageError(f"the object store does not work: {error}")
    return error


def _is_passing(error: Exception) -> bool:
    match error:
        case S3Error(code="NoSuchBucket"):
            return True
        case S3Error():
            status = error.response.status
        case ServerError():
            status = error.status_code
        case InvalidResponseError():
            return True  # not S3 at all: a proxy, or a server that is starting
        case _:
            return False
    return status >= 500 or status in PASSING


@asynccontextmanager
async def open_store(
    settings: ObjectStoreSettings, *, is_ours: bool = True
) -> AsyncIterator[MinioStore]:
    """The store's bucket, made if need be; is_ours: else it is only looked at.

    Raises OutageError when the server is away or refuses the keys. Nothing is tried
    twice in here: who needs the store waits for it, with a delay of its own choice.
    """
    address = urlsplit(settings.s3_endpoint_url)
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    options: dict[str, Any] = {"timeout": timeout, "maxsize": THREADS, "retries": False}
    connections = urllib3.PoolManager(**options)
    client = Minio(
        address.netloc,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        secure=address.scheme == "https",
        http_client=connections,
    )
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="object-store")
    store = MinioStore(client, bucket=settings.s3_bucket, threads=threads)
    try:
        if is_ours:
            await store.ensure_bucket()
        yield store
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        connections.clear()
