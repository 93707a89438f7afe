"""A notebook is run as a person runs all of its cells, and asked for what it found."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.repo.files import ROOT

FOLDER = ROOT / "notebooks"
CELL_SECONDS = 120


class Executed:
    """A notebook whose cells have all run, and whose kernel still lives."""

    def __init__(self, client: NotebookClient) -> None:
        self._client = client

    def value(self, expression: str) -> Any:
        """What an expression over the notebook's variables is, by way of JSON."""
        source = f"import json; print(json.dumps({expression}, default=float))"
        cell = nbformat.v4.new_code_cell(source)
        cells = self._client.nb.cells
        cells.append(cell)
        self._client.execute_cell(cell, len(cells) - 1)
        return json.loads(cell.outputs[0].text)


@contextmanager
def executed(name: str) -> Iterator[Executed]:
    """The notebook of that name, run in its folder; raises what a cell raises."""
    notebook = nbformat.read(FOLDER / name, as_version=4)
    where = {"metadata": {"path": str(FOLDER)}}
    client = NotebookClient(notebook, timeout=CELL_SECONDS, resources=where)
    with client.setup_kernel():
        for place, cell in enumerate(list(notebook.cells)):
            client.execute_cell(cell, place)
        yield Executed(client)
