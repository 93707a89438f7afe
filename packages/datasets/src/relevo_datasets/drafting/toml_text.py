"""Values as TOML writes them, in lines that people can read."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

WIDTH = 92
BARE = re.compile(r"[A-Za-z0-9_-]+")

Value = str | int | float | bool | Sequence["Value"] | Mapping[str, "Value"]


def assignment(key: str, value: Value) -> str:
    """key = value; a list that is too long for one line has several."""
    line = f"{_key(key)} = {written(value)}"
    if len(line) <= WIDTH or not isinstance(value, Sequence) or isinstance(value, str):
        return line
    if any(isinstance(each, Mapping) for each in value):
        rows = "".join(f"    {written(each)},\n" for each in value)
        return f"{_key(key)} = [\n{rows}]"
    return f"{_key(key)} = [\n{_filled(map(written, value))}\n]"


def table(name: str, facts: Mapping[str, Value]) -> str:
    """A table with its assignments; of an array when the name has two brackets."""
    return "\n".join([name, *(assignment(key, value) for key, value in facts.items())])


def comment(text: str) -> str:
    """Lines that TOML passes over, whatever the text holds."""
    words = re.sub(r"[\x00-\x1f\x7f]", " ", text).split(" ")
    lines, line = [], "#"
    for word in words:
        if len(line) + 1 + len(word) > WIDTH and line != "#":
            lines.append(line)
            line = "#  "
        line += f" {word}"
    return "\n".join([*lines, line])


def written(value: Value) -> str:
    """The value in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(k)} = {written(v)}" for k, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return f"[{', '.join(map(written, value))}]"


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    # JSON's escapes are TOML's, but TOML wants one more
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _filled(parts: Iterable[str]) -> str:
    lines, line = [], "   "
    for part in parts:
        if len(line) + len(part) + 2 > WIDTH and line.strip():
            lines.append(line)
            line = "   "
        line += f" {part},"
    return "\n".join([*lines, line])
