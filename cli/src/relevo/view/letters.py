"""Dead letters as people read them: all in a table, or one with body and headers."""

import json
from collections.abc import Iterable
from datetime import datetime

from rich.table import Table

from relevo_operations.letters import Letter, origin_of
from relevo_story.telling import figures


def as_table(letters: Iterable[Letter], now: datetime) -> Table:
    """The letters; `place` is what the other commands take."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("place", "age", "died in", "came from"):
        table.add_column(title, no_wrap=True, header_style="dim")
    table.add_column("why, and what came of it", overflow="fold", header_style="dim")
    for letter in letters:
        facts = letter.facts
        reason = figures.reason(letter.reason)
        table.add_row(
            letter.place,
            figures.age(letter.died_at, now),
            f"{facts.service}, {facts.kind}" if facts else "?",
            came_from(letter),
            f"{reason}\n→ {letter.story}" if letter.story else reason,
        )
    return table


def came_from(letter: Letter) -> str:
    """The place of the message, or the source."""
    if letter.facts is None:
        return "?"
    return "the source" if letter.facts.partition < 0 else origin_of(letter)


def whole(letter: Letter, now: datetime) -> str:
    """Everything about one letter."""
    lines = [
        f"dead letter {letter.place}, {letter.state}",
        f"  died       {letter.died_at.astimezone():%Y-%m-%d %H:%M:%S},"
        f" {figures.age(letter.died_at, now)} ago",
        f"  came from  {came_from(letter)}",
        f"  why        {letter.reason}",
    ]
    if letter.facts and letter.facts.reason != letter.reason:
        lines.append(f"  in detail  {' '.join(letter.facts.reason.split())}")
    if letter.story:
        lines.append(f"  since      {letter.story}")
    headers = letter.record.headers
    lines += ["headers", *(f"  {name}: {readable(value)}" for name, value in headers)]
    key = letter.record.key
    lines += ["key", f"  {'none' if key is None else readable(key)}"]
    return "\n".join([*lines, "body", in_lines(letter.record.value)])


def readable(value: bytes) -> str:
    """Text as it is, other bytes escaped: nothing in it moves a terminal's cursor."""
    text = value.decode(errors="backslashreplace")
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def in_lines(body: bytes | None) -> str:
    """JSON in lines, anything else as it is."""
    if not body:
        return "  empty"
    try:
        text = json.dumps(json.loads(body), indent=1, ensure_ascii=False)
    except ValueError:
        return f"  {readable(body)}"
    return "\n".join(f"  {readable(line.encode())}" for line in text.splitlines())
