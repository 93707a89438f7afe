"""A request's offer to go on in another protocol, which a server may pass over."""

from collections.abc import Iterable

OFFER = {b"upgrade", b"http2-settings"}


def without_offer(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The header section, to its empty line, of a request that offers nothing."""
    lines = []
    for name, value in headers:
        if name in OFFER:
            continue
        if name == b"connection":
            words = [word.strip() for word in value.split(b",")]
            value = b", ".join(word for word in words if word.lower() not in OFFER)
            if not value:
                continue
        lines.append(b"%b: %b\r\n" % (name, value))
    return b"".join(lines) + b"\r\n"
