"""Which texts of a Python program it works with, and are not only for people to read."""

import ast
from collections.abc import Iterator


def texts(source: str) -> Iterator[tuple[int, str]]:
    """The line of each such text, and the text: no comment, no docstring, no help."""
    yield from _texts(ast.parse(source))


def _texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.keyword(arg="description" | "help"):
            return
        case ast.Constant(value=str() as text):
            yield node.lineno, text
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)
