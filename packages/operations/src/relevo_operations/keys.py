"""The file of keys in a person's hands: a new key, who has one, and one that is no more."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from relevo_contracts.keys import Key, Keys, Scope, digest_of, new_key
from relevo_operations.errors import OperationError


def read_keys(file: Path) -> Keys:
    """All keys of a file, none where there is none yet.

    Raises OperationError for a file that is something else.
    """
    try:
        return Keys.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return Keys()
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "something else"
        raise OperationError(f"{file} is no file of keys: {reason}") from error


def add_key(
    file: Path,
    name: str,
    scopes: Sequence[Scope],
    *,
    per_second: float | None = None,
    burst: int | None = None,
) -> str:
    """A new key, which stands in the file by its digest only, and is told here once.

    Raises OperationError for a name, or a rate, that is none, and as `read_keys`.
    """
    keys, secret = read_keys(file), new_key()
    try:
        made = Key(
            name=name,
            sha256=digest_of(secret.encode()).hex(),
            scopes=tuple(dict.fromkeys(scopes)),
            per_second=per_second,
            burst=burst,
            made_at=datetime.now(UTC).replace(microsecond=0),
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise OperationError(f"{first['loc'][0]}: {first['msg']}") from error
    write_keys(file, Keys(keys=(*keys.keys, made)))
    return secret


def revoke_key(file: Path, which: str) -> Key:
    """Take out the key of that name, or of that id where a name has several.

    Raises OperationError when it is not clear which one is meant, and as `read_keys`.
    """
    keys = read_keys(file).keys
    meant = [key for key in keys if which in (key.name, key.id)]
    if not meant:
        names = ", ".join(sorted({key.name for key in keys})) or "none"
        raise OperationError(f"{file} has no key {which!r}; it has: {names}")
    if len(meant) > 1:
        ids = ", ".join(key.id for key in meant)
        raise OperationError(
            f"{which!r} has {len(meant)} keys: say which by its id ({ids})"
        )
    write_keys(file, Keys(keys=tuple(key for key in keys if key != meant[0])))
    return meant[0]


def write_keys(file: Path, keys: Keys) -> None:
    """All at once or not at all; a new file is its owner's alone, another keeps its mode.

    Raises OperationError when it cannot be written.
    """
    place = file.resolve()  # a link goes on being one
    try:
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        try:
            with os.fdopen(handle, "w") as written:
                written.write(keys.model_dump_json(indent=1, exclude_none=True) + "\n")
                written.flush()
                os.fsync(written.fileno())
            with suppress(FileNotFoundError):
                shutil.copymode(place, name)
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OperationError(f"{file} cannot be written: {error.strerror}") from error
