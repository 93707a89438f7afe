"""The types of native.pyx."""

from pydantic import JsonValue

from relevo_bundles.columns import Codes
from relevo_bundles.encoding import Matrix, Row
from relevo_bundles.nodes import Nodes, Roots, Words
from relevo_bundles.plain_rows import Numbers

class Forest:
    def __init__(self, nodes: Nodes, words: Words, roots: Roots, inputs: int) -> None: ...
    def one(self, row: Row) -> float: ...
    def many(self, matrix: Matrix) -> Matrix: ...

def numbers(
    values: tuple[JsonValue, ...], places: list[int], tables: list[Numbers | None]
) -> Row | None: ...
def codes_of(
    column: list[JsonValue], absent: object
) -> tuple[list[JsonValue], Codes] | None: ...
def cells(
    rows: list[dict[str, JsonValue]], name: str, absent: JsonValue
) -> list[JsonValue]: ...
