"""The zip around a bundle: which members it may have, and how large they may be."""

import io
import re
import struct
import zipfile
import zlib

from relevo_contracts import PoisonError

MANIFEST = "manifest.json"
MEGABYTE = 2**20
MAX_MEMBERS = 16
MAX_MANIFEST_BYTES = 16 * MEGABYTE
MAX_BYTES = 512 * MEGABYTE
"""Limits that no bundle of ours comes near; a larger one was not made by the trainer."""

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
)
"""What zipfile raises over bytes that are no zip, or only half of one."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}\.[a-z0-9]{1,12}")


def is_member_name(name: str) -> bool:
    """True for a plain file name: lower case, one dot, no folder."""
    return _NAME.fullmatch(name) is not None


def unpack(content: bytes) -> dict[str, bytes]:
    """Name -> bytes of every member, each checked by its CRC.

    Raises PoisonError for what is not a zip, for an odd member, and for more than the
    limits allow, before any of it is unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check(entries)
            return {entry.filename: archive.read(entry) for entry in entries}
    except BROKEN as error:
        raise PoisonError(f"the bundle is not a zip that can be read: {error}") from error


def _check(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > MAX_MEMBERS:
        raise PoisonError(f"the bundle has {len(names)} members, not {MAX_MEMBERS} at most")
    if len(set(names)) != len(names):
        raise PoisonError("the bundle has two members of one name")
    if MANIFEST not in names:
        raise PoisonError(f"the bundle has no {MANIFEST}")
    for entry in entries:
        limit = MAX_MANIFEST_BYTES if entry.filename == MANIFEST else MAX_BYTES
        if not is_member_name(entry.filename):
            raise PoisonError(f"the bundle has an odd member: {entry.filename[:80]!r}")
        if entry.flag_bits & 0x1:
            raise PoisonError(f"the bundle's member {entry.filename!r} is encrypted")
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise PoisonError(f"the bundle's member {entry.filename!r} is packed oddly")
        if entry.file_size > limit:
            raise PoisonError(
                f"the bundle's member {entry.filename!r} has {entry.file_size} bytes,"
                f" not {limit} at most"
            )
    if (total := sum(entry.file_size for entry in entries)) > MAX_BYTES:
        raise PoisonError(f"the bundle unpacks to {total} bytes, not {MAX_BYTES} at most")
