"""Keys of callers: what one may do, and what is kept of it in the file of all."""

import hashlib
import secrets
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

PREFIX = "relevo_"
"""Of a key, so that a person, or a scanner for secrets, sees what it is."""
ID_LENGTH = 12


class Scope(StrEnum):
    """What a key may do; none of them contains another."""

    PREDICT = "predict"
    READ = "read"
    OPERATE = "operate"


class Key(BaseModel):
    """One key, without the key: its digest is kept.

    A slow hash is for words that people choose and others guess. A key is 256 random bits,
    which nobody guesses however fast he hashes, and each request pays for the hash.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    scopes: tuple[Scope, ...] = Field(min_length=1)
    per_second: float | None = Field(None, gt=0, le=1e6, allow_inf_nan=False)
    burst: int | None = Field(None, gt=0, le=10**6)
    made_at: AwareDatetime | None = None

    @property
    def id(self) -> str:
        """Tells keys of one name apart."""
        return self.sha256[:ID_LENGTH]


class Keys(BaseModel):
    """The file: all keys that are valid at a time, several of a name among them."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    keys: tuple[Key, ...] = ()


def new_key() -> str:
    """256 random bits, as text that goes into a header as it is."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(key: bytes) -> bytes:
    """What is kept of a key, and compared: from it follows no key."""
    return hashlib.sha256(key).digest()
