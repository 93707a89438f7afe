"""Packed bodies: gzip, and never more of it in memory than a body may have."""

import zlib
from collections.abc import Callable
from http import HTTPStatus

from inference.tables.problems import Problem

GZIP = 31
"""zlib's word for a window of 32 KiB in gzip's frame."""
END = b""

Unpack = Callable[[bytes], bytes]


def unpacker(encoding: str, most: int) -> Unpack:
    """What makes a piece of the body of a piece that came; END: no more comes.

    It gives a little more than `most` bytes at most, in all. Raises Problem 415 for an
    encoding that is not understood; later 400 for what is no whole gzip.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return bytes
    if name not in {"gzip", "x-gzip"}:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the body may be compressed by gzip, not by {encoding[:80]}",
            headers={"accept-encoding": "gzip, identity"},
        )
    return Gunzip(most)


class Gunzip:
    """One member of gzip, piece by piece."""

    def __init__(self, most: int) -> None:
        self._stream = zlib.decompressobj(GZIP)
        self._left = most + 1

    def __call__(self, piece: bytes) -> bytes:
        """The bytes of a piece; beyond `most` there are no more."""
        if piece == END:
            if not self._stream.eof and self._left:
                raise _no_gzip("it is cut off")
            if self._stream.unused_data:
                raise _no_gzip("something follows its end")
            return b""
        if not self._left:
            return b""
        try:
            content = self._stream.decompress(piece, self._left)
        except zlib.error as error:
            raise _no_gzip(str(error)) from error
        self._left -= len(content)
        return content


def _no_gzip(reason: str) -> Problem:
    return Problem(
        HTTPStatus.BAD_REQUEST, f"the body is not gzip: {reason[:200]}", kind="not-gzip"
    )
