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
    from relevo.view.dataset import drafted
    from relevo_datasets.drafting.files import Wish, draft_file, name_of
    from relevo_datasets.drafting.targets import NoTarget

    folder = out or file.parent
    if not folder.is_dir():
        raise CommandError(f"{folder}: no such folder", code=2)
    wish = Wish(file, folder, name or name_of(file), target, header)
    try:
        with one_line(NoTarget, ValueError), reading(file) as told_of:
            made = draft_file(wish, told_of)
    except FileExistsError as error:
        there = error.filename or error
        text = f"{there} is there already and stays as it is: --name gives another name"
        raise CommandError(text) from error
    draft = declared(str(made.declaration))
    table = _rows_of(draft, None, None)
    tried = _checked(draft, table, 0, most_batches=TRIED_BATCHES)
    wide_console().print(drafted(wish, made, tried, own_declarations()))


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
    from relevo.view.dataset import checked

    asked = declared(dataset)
    table = _rows_of(asked, file, header)
    found = _checked(asked, table, rows)
    lines = table.lines(problem.row for problem in found.problems)
    wide_console().print(checked(asked, table, found, lines))
    if found.refusals:
        raise typer.Exit(1)


@app.command("list")
def list_datasets() -> None:
    """Those that ship and those of the folder RELEVO_DATASETS."""
    from relevo.view.dataset import listed
    from relevo_datasets import DeclarationError, dataset_named, names

    with one_line():
        found = names()
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


@contextmanager
def one_line(*others: type[Exception], code: int = 2) -> Iterator[None]:
    """What a declaration or a file of rows is refused for, as an error of the command."""
    from relevo_datasets import DeclarationError
    from relevo_datasets.table_files import TableFileError

    refusals: tuple[type[Exception], ...] = (DeclarationError, TableFileError, *others)
    try:
        yield
    except refusals as error:
        raise CommandError(str(error), code=code) from error


def known(name: str) -> "Dataset":
    """The dataset of that name. CommandError where there is none, with those there are."""
    from relevo_datasets import dataset_named

    with one_line():
        try:
            return dataset_named(name)
        except KeyError as error:
            raise CommandError(f"{error.args[0]}", code=2) from error


def declared(dataset: str) -> "Dataset":
    """The dataset of that name, or of that file NAME.toml."""
    from relevo_datasets import read_declaration

    if not dataset.endswith(".toml"):
        return known(dataset)
    with one_line():
        return read_declaration(Path(dataset))


def _rows_of(dataset: "Dataset", file: Path | None, header: bool | None) -> "TableFile":
    """The file of its rows, with the names that it has for them."""
    from relevo_datasets.table_forms import open_table

    path = file or dataset.source.path
    if path is None:
        raise CommandError(f"{dataset.name} does not say where its rows are: name a FILE")
    if path.is_dir():
        raise CommandError(f"{path} is a folder: name one of its files", code=2)
    if file is None and header is None:
        header = dataset.source.header
    with one_line():
        table = open_table(path, header=header)
        return table if table.has_header else table.named(dataset.raw_columns)


def _checked(
    dataset: "Dataset", table: "TableFile", rows: int, most_batches: int | None = None
) -> "Checked":
    from relevo_contracts import PoisonError
    from relevo_datasets.quality.checking import check_table

    with one_line(PoisonError, code=1), reading(table.path):
        return check_table(
            dataset, table.chunks(), most_problems=rows, most_batches=most_batches
        )
