"""`relevo data`: where the rows of a stage are, and the rows themselves as a file."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relevo.addresses import results_of
from relevo.commands.options import State, explain
from relevo.commands.sql import write
from relevo.errors import CommandError
from relevo.settings import Settings
from relevo.stored import Stored, find_stored

if TYPE_CHECKING:
    from relevo_sql import Form

app = typer.Typer(
    help="The rows of a stage, for pandas and others.",
    invoke_without_command=True,
    callback=explain,
    rich_markup_mode=None,
)

OBJECTS = ("raw", "clean")
ROWS = (*OBJECTS, "train", "validation", "test", "quarantined")
FORMS: Mapping[str, "Form"] = {".parquet": "parquet", ".csv": "csv", ".json": "json"}
EXPORT_SECONDS = 600.0

Dataset = Annotated[str, typer.Argument(metavar="DATASET")]
Batch = Annotated[
    int | None, typer.Option(metavar="N", help="only this one", show_default=False)
]


@app.command()
def path(
    state: State,
    dataset: Dataset,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help=" or ".join(OBJECTS))],
    batch: Batch = None,
) -> None:
    """The s3:// addresses of a stage's Parquet objects, one a line, in order.

    `relevo status --addresses` has the keys.
    """
    if stage not in OBJECTS:
        raise CommandError(
            f"{stage!r} has no objects of its own, only {' and '.join(OBJECTS)} have:"
            f" `relevo data export` writes it",
            code=2,
        )
    stored = find_stored(Settings(), state=state)
    addresses = asyncio.run(_addresses(stored, dataset, stage, batch))
    if not addresses:
        raise CommandError(nothing_of(dataset, stage, batch))
    typer.echo("\n".join(addresses))


async def _addresses(
    stored: Stored, dataset: str, stage: str, batch: int | None
) -> list[str]:
    from relevo_contracts.results import Stage

    async with results_of(stored.catalog_url) as catalog:
        results = await catalog.results(dataset, Stage(stage))
    return [
        f"s3://{stored.s3.bucket}/{result.table.key}"
        for result in results
        if result.table and batch in (None, result.number)
    ]


@app.command()
def export(
    state: State,
    dataset: Dataset,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help=", ".join(ROWS))],
    out: Annotated[Path, typer.Option(metavar="FILE", help="ends as what it becomes:"
                                      " .parquet, .csv or .json")],
    batch: Batch = None,
) -> None:  # fmt: skip
    """The rows of a stage as one file, each with its batch."""
    from relevo_sql import identifier

    form = FORMS.get(out.suffix.lower())
    if form is None:
        raise CommandError(f"{out}: its ending is none of {', '.join(FORMS)}", code=2)
    if stage not in ROWS:
        raise CommandError(f"no stage {stage!r}; there are: {', '.join(ROWS)}", code=2)
    where = "" if batch is None else f" WHERE batch_number = {batch:d}"
    with find_stored(Settings(), state=state).open() as warehouse:
        if dataset not in (known := warehouse.datasets()):
            text = f"no dataset {dataset!r}; there are: {', '.join(known)}"
            raise CommandError(text, code=2)
        statement = f"FROM {identifier(dataset)}.{identifier(stage)}{where}"
        rows = write(warehouse, statement, form, out, seconds=EXPORT_SECONDS)
    if not rows:
        out.unlink()
        raise CommandError(nothing_of(dataset, stage, batch))
    typer.echo(f"{rows:,} rows in {out}", err=True)


def nothing_of(dataset: str, stage: str, batch: int | None) -> str:
    """What to say where there is nothing yet."""
    which = f"batch {batch} of {dataset}" if batch is not None else dataset
    return f"{which} has no {stage} rows yet: `relevo status` shows the batches"
