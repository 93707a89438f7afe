"""The port through which services keep large objects by name."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from relevo_contracts import ObjectRef, OutageError, PoisonError


class MissingError(OutageError):
    """The store works, and has not the object that somebody has put there."""


@dataclass(frozen=True)
class Stored:
    """An object as a bucket lists it; etag: another one when it was replaced."""

    key: str
    etag: str
    size: int
    modified: datetime


class ObjectStore(Protocol):
    """Bytes by key, in one bucket.

    Every adapter raises FileNotFoundError for a key that is not there and
    OutageError while the store is away or refuses to work.
    """

    async def put(self, key: str, content: bytes) -> None:
        """Store the bytes; what was under the key is replaced at once as a whole."""

    async def get(self, key: str) -> bytes:
        """All bytes under the key."""

    async def exists(self, key: str) -> bool:
        """True when something is stored under the key."""


async def put_by_hash(
    store: ObjectStore, prefix: str, content: bytes, *, suffix: str
) -> ObjectRef:
    """Store the bytes under their SHA-256, once: `{prefix}/{sha256}{suffix}`."""
    sha256 = hashlib.sha256(content).hexdigest()
    reference = ObjectRef(
        key=f"{prefix}/{sha256}{suffix}", sha256=sha256, size=len(content)
    )
    if not await store.exists(reference.key):
        await store.put(reference.key, content)
    return reference


async def get_verified(store: ObjectStore, reference: ObjectRef) -> bytes:
    """The bytes that the reference names.

    Raises MissingError when they are not there, as they may be put back, and PoisonError
    when they are not those that were stored.
    """
    try:
        content = await store.get(reference.key)
    except FileNotFoundError as error:
        raise MissingError(f"no object {reference.key!r} in the store") from error
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != reference.sha256:
        raise PoisonError(
            f"object {reference.key!r} has SHA-256 {sha256}, not {reference.sha256}"
        )
    return content
