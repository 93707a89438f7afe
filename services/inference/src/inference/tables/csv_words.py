"""What may be wrong with a whole CSV, in words, when its header does not fit; pure."""

from collections.abc import Sequence

from inference.tables.problems import Problem

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
INDEX = {"", "Unnamed: 0", "index", "level_0"}


def about_header(header: Sequence[str], problem: Problem) -> Problem:
    """The problem with what a person is to do, where that is plain from the header."""
    if advice := _advice(header):
        detail = f"{advice} ({problem.detail})"
        return Problem(problem.status, detail, kind=problem.kind, errors=problem.errors)
    return problem


def _advice(header: Sequence[str]) -> str | None:
    if len(header) == 1:
        for separator, name in SEPARATORS.items():
            if separator in header[0]:
                return f"the values seem to be separated by {name}: separate them by commas"
    if header and sum(map(_is_number, header)) * 3 >= len(header):
        return "the first line seems to be a row: the names of the columns must be there"
    if header and header[0] in INDEX:
        return "the first column seems to be an index: leave it out (pandas: index=False)"
    return None


def _is_number(cell: str) -> bool:
    return cell.lstrip("+-").replace(".", "", 1).isdecimal()
