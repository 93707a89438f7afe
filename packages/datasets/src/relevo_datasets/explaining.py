"""What is wrong with a declaration's keys, in words that a person can act on."""

import difflib
import re
from collections.abc import Iterable

from pydantic import JsonValue, ValidationError


def in_words(
    error: ValidationError, facts: JsonValue = None, keys: Iterable[str] = ()
) -> str:
    """The first fault: which key, what is wrong, and which of the keys may be meant.

    facts: what was read. Entries of a list are told by number, from 1, and by name.
    """
    faults = error.errors(include_url=False)
    # a misspelt key is why another is missing
    first = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
    path = first["loc"]
    where = _where(path, facts)
    key = str(path[-1]) if path else ""
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, sorted(keys), n=1)
        meant = f"; did you mean {near[0]!r}?" if near else "; remove it"
        return f"{where}: nobody knows this key{meant}"
    if first["type"] == "missing":
        return f"{where}: is required; add it"
    message = re.sub(r"^Value error, ", "", first["msg"])
    return f"{where}: {message}" if where else message


def _where(path: tuple[int | str, ...], facts: JsonValue) -> str:
    """The steps that the file has: pydantic adds some of its own, for types."""
    told: list[str] = []
    for step in path:
        if isinstance(facts, list) and isinstance(step, int) and step < len(facts):
            facts = facts[step]
            name = facts.get("name") if isinstance(facts, dict) else None
            told.append(f"no. {step + 1}" + (f" ({name})" if name else ""))
        elif isinstance(facts, dict) and step in facts:
            facts = facts[str(step)]
            told.append(str(step))
        elif step == path[-1] and isinstance(facts, dict):
            told.append(str(step))
    return ": ".join(told)
