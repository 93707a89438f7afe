"""The keys that are valid now: found by their digest, read anew when their file changes."""

from collections.abc import Iterable
from pathlib import Path

import structlog
from pydantic import ValidationError

from relevo_contracts.errors import SetupError, first_line
from relevo_contracts.keys import Key, Keys, Scope, digest_of
from relevo_runtime.http.rates import Bucket
from relevo_runtime.metrics import KEYED

API_KEY, AUTHORIZATION, BEARER = b"x-api-key", b"authorization", b"bearer "

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def key_in(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """What a request gives as its key: X-API-Key, else a bearer's token; b"": nothing."""
    bearer = b""
    for name, value in headers:
        if name == API_KEY:
            return value
        if name == AUTHORIZATION and value[:7].lower() == BEARER:
            bearer = value[7:].strip()
    return bearer


class Holder:
    """Who has a key: the name, what it may do, and what is left of its rate."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.name = key.name
        self.scopes = frozenset[Scope](key.scopes)
        self.rate = Bucket(key.per_second, key.burst) if key.per_second else None
        self.is_admitted = KEYED.labels(key.name, "admitted").inc
        self.is_forbidden = KEYED.labels(key.name, "forbidden").inc
        self.is_limited = KEYED.labels(key.name, "limited").inc


class KeyRing:
    """Looks at the file when told to, in no request.

    A key is looked up by its digest and never compared itself: whatever the time tells is
    about the digest, which a caller cannot choose and from which no key follows.
    """

    def __init__(self, file: Path) -> None:
        """Raises SetupError when the file cannot be read as keys."""
        self._file = file
        self._holders: dict[bytes, Holder] = {}
        self._state = state_of(file)
        try:
            self._take(read(file))
        except (OSError, ValueError) as error:
            raise SetupError(
                f"API_KEYS_FILE: {file} is no file of keys ({first_line(error)}):"
                f" `relevo keys new NAME --scope predict --file {file}` makes one"
            ) from error

    def find(self, key: bytes) -> Holder | None:
        """Whose key it is; None: nobody's."""
        return self._holders.get(digest_of(key)) if key else None

    def look(self) -> None:
        """Read the file if it is another one than at the last look.

        One that cannot be read changes nothing: the keys that were valid stay so.
        """
        state = state_of(self._file)
        if state == self._state:
            return
        self._state = state
        try:
            self._take(read(self._file))
        except (OSError, ValueError) as error:
            log.error("the keys stay as they were", reason=first_line(error))
        else:
            log.info("the keys were read anew", names=self.names)

    @property
    def names(self) -> list[str]:
        """Those that have a key."""
        return sorted({holder.name for holder in self._holders.values()})

    def _take(self, keys: Keys) -> None:
        """A key that stays keeps what it has used of its rate."""
        known = self._holders
        self._holders = {}
        for key in keys.keys:
            digest = bytes.fromhex(key.sha256)
            holder = known.get(digest)
            self._holders[digest] = holder if holder and holder.key == key else Holder(key)


def state_of(file: Path) -> tuple[int, ...] | None:
    """Differs when the file does, also where links are exchanged; None: there is none."""
    try:
        told = file.stat()
    except OSError:
        return None
    return told.st_ino, told.st_ctime_ns, told.st_size


def read(file: Path) -> Keys:
    """Raises OSError and ValueError (pydantic's among them)."""
    try:
        return Keys.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where or 'it'}: {first['msg']}") from error
