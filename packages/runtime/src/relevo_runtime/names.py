"""Several names in one setting."""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode


def _names(value: object) -> object:
    """ "a,b" -> ("a", "b"), each once."""
    names = value.split(",") if isinstance(value, str) else value
    return tuple(dict.fromkeys(map(str.strip, names))) if isinstance(names, list) else value


Names = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...], NoDecode, BeforeValidator(_names)
]
"""name,name in the environment; each name counts once."""
