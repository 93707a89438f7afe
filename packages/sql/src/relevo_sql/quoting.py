"""Names and texts in SQL, whatever signs they have; pure."""

from collections.abc import Iterable


def identifier(name: str) -> str:
    """A name of a schema, view or column: my-set -> "my-set"."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text: it's -> 'it''s'."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """A list of texts: ['a', 'b']."""
    return f"[{', '.join(map(literal, texts))}]"
