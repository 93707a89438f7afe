"""`relevo dataset`: draft a declaration of a table, see what it makes of a file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from relevo.commands.options import explain
from relevo.errors import CommandError
from relevo.view.consoles import wide_console
from relevo_local.settings import own_declarations

if TYPE_CHECKING:  # they bring pandas: a second's wait, for these commands only
    from relevo_datasets import Dataset
    from relevo_datasets.quality.checking import Checked
    from relevo_datasets.table_files import TableFile

app = typer.Typer(
    help="Declare a table of your own: draft a declaration, and try it on a file.",
    invoke_without_command=True,
    callback=explain,
    rich_markup_mode=None,
)

TRIED_BATCHES = 3
"""A draft is made of all rows, so a few show whether it holds."""

Header = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="the first line has the names; else columns are taken by position",
        show_default=False,
    ),
]


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="a CSV of any kind, or Parquet")],
    name: Annotated[str | None, typer.Option(help="else that of the file")] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="what to predict; else guessed")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="else beside the file")
    ] = None,
    header: Header = None,
) -> None:
    """Draft NAME.toml, which works as it is; it never overwrites a file."""
    from relevo.view.drafted import told
    from relevo_datasets.drafting.files import Wish, draft_file, name_of
    from relevo_datasets.drafting.targets import NoTarget
    from relevo_datasets.table_files import TableFileError

    folder = out or file.parent
    if not folder.is_dir():
        raise CommandError(f"{folder}: no such folder", code=2)
    wish = Wish(file, folder, name or name_of(file), target, header)
    try:
        with reading(file) as told_of:
            drafted = draft_file(wish, told_of)
    except (TableFileError, NoTarget, ValueError) as error:
        raise CommandError(str(error), code=2) from error
    except FileExistsError as error:
        there = error.filename or error
        text = f"{there} is there already and stays as it is: --name gives another name"
        raise CommandError(text) from error
    known, table = _rows_of(drafted.declaration, None, None)
    checked = _checked(known, table, 0, most_batches=TRIED_BATCHES)
    wide_console().print(told(wish, drafted, checked, own_declarations()))


@app.command()
def check(
    dataset: Annotated[str, typer.Argument(help="its name, or the file NAME.toml")],
    file: Annotated[
        Path | None, typer.Argument(help="CSV or Parquet; else the declaration's source")
    ] = None,
    header: Header = None,
    rows: Annotated[int, typer.Option(min=0, help="unreadable rows that are listed")] = 10,
) -> None:
    """What the platform would make of a file; exit code 1 when it would refuse a batch."""
    from relevo.view.checked import told

    known, table = _rows_of(dataset, file, header)
    checked = _checked(known, table, rows)
    lines = table.lines(problem.row for problem in checked.problems)
    wide_console().print(told(known, table, checked, lines))
    if checked.refusals:
        raise typer.Exit(1)


@app.command("list")
def list_datasets() -> None:
    """Those that ship and those of the folder RELEVO_DATASETS."""
    from relevo.view.checked import listed
    from relevo_datasets import DeclarationError, dataset_named, names

    try:
        found = names()
    except DeclarationError as error:
        raise CommandError(str(error), code=2) from error
    datasets: dict[str, Dataset | str] = {}
    for name in found:
        try:
            datasets[name] = dataset_named(name)
        except DeclarationError as error:
            datasets[name] = str(error)
    wide_console().print(listed(datasets))


@contextmanager
def reading(file: Path) -> Iterator[Callable[[int], None]]:
    """Show on a terminal that, and how far, a file is being read."""
    rows = 0
    with Console(stderr=True).status(f"reading {file.name}") as status:

        def more(read: int) -> None:
            nonlocal rows
            rows += read
            status.update(f"reading {file.name}: {rows:,} rows")

        yield more


def _rows_of(
    dataset: str | Path, file: Path | None, header: bool | None
) -> "tuple[Dataset, TableFile]":
    """The dataset, and the file of its rows with the names that it has for them."""
    from relevo_datasets import DeclarationError, dataset_named, read_declaration
    from relevo_datasets.table_files import TableFileError
    from relevo_datasets.table_forms import open_table

    try:
        is_file = str(dataset).endswith(".toml")
        known = read_declaration(Path(dataset)) if is_file else dataset_named(str(dataset))
    except DeclarationError as error:
        raise CommandError(str(error), code=2) from error
    except KeyError as error:
        raise CommandError(f"{error.args[0]}", code=2) from error
    path = file or known.source.path
    if path is None:
        raise CommandError(f"{known.name} does not say where its rows are: name a FILE")
    if path.is_dir():
        raise CommandError(f"{path} is a folder: name one of its files", code=2)
    if file is None and header is None:
        header = known.source.header
    try:
        table = open_table(path, header=header)
        return known, table if table.has_header else table.named(known.raw_columns)
    except TableFileError as error:
        raise CommandError(str(error), code=2) from error


def _checked(
    dataset: "Dataset", table: "TableFile", rows: int, most_batches: int | None = None
) -> "Checked":
    from relevo_contracts import PoisonError
    from relevo_datasets.quality.checking import check_table
    from relevo_datasets.table_files import TableFileError

    try:
        with reading(table.path):
            return check_table(
                dataset, table.chunks(), most_problems=rows, most_batches=most_batches
            )
    except (TableFileError, PoisonError) as error:
        raise CommandError(str(error)) from error
