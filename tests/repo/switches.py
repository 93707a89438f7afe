"""Where Python code asks which kind a feature is."""

import ast
from collections.abc import Iterator, Sequence
from typing import get_args

from relevo_contracts.features import Kind

KINDS = {*get_args(Kind)}
OURS = {"category", "identifier", "code"}
"""No other list of types has these words."""


def switches(source: str) -> list[int]:
    """The lines of a program in which kinds are told apart."""
    return sorted({line for node in ast.walk(ast.parse(source)) for line in _asks(node)})


def _asks(node: ast.AST) -> Iterator[int]:
    match node:
        case ast.Compare():
            sides = [node.left, *node.comparators]
            if any(map(_is_a_kind, sides)) and KINDS & _texts(sides):
                yield node.lineno
        case ast.Match() if _is_a_kind(node.subject) and KINDS & _texts(node.cases):
            yield node.lineno
        case ast.Dict():
            keys = _texts([key for key in node.keys if isinstance(key, ast.Constant)])
            if OURS & keys and len(KINDS & keys) > 1:
                yield node.lineno


def _is_a_kind(node: ast.expr) -> bool:
    return getattr(node, "attr", getattr(node, "id", None)) == "kind"


def _texts(nodes: Sequence[ast.AST]) -> set[object]:
    found = [each for node in nodes for each in ast.walk(node)]
    return {each.value for each in found if isinstance(each, ast.Constant)}
