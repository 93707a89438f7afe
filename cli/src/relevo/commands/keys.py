"""`relevo keys`: who may ask the services; the file that API_KEYS_FILE names."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from relevo.commands.options import explain
from relevo.errors import CommandError
from relevo.settings import Settings
from relevo.view.consoles import wide_console
from relevo_contracts.keys import Key, Scope
from relevo_operations.keys import add_key, read_keys, revoke_key

app = typer.Typer(
    help="Keys of those who may ask: new, list, revoke.",
    invoke_without_command=True,
    callback=explain,
    rich_markup_mode=None,
)


def named_file(given: Path | None) -> Path:
    """The file that is meant; raises CommandError when none is named."""
    file = given or Settings().api_keys_file
    if file is None:
        text = "which file? name it by --file FILE, or by the variable API_KEYS_FILE"
        raise CommandError(text, code=2)
    return file


File = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="of all keys [env: API_KEYS_FILE]", show_default=False
    ),
]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="whose it is, as in metrics and logs")],
    scope: Annotated[list[Scope], typer.Option(help="what it may do; several: again")],
    rate: Annotated[
        float | None,
        typer.Option(metavar="N", help="requests a second, by each process; else any"),
    ] = None,
    burst: Annotated[
        int | None, typer.Option(metavar="N", help="so many at once [else: the rate]")
    ] = None,
    file: File = None,
) -> None:
    """A new key: it is printed once, and kept nowhere; the file has its digest.

    A service that reads the file takes the key within a second or two.
    """
    if burst and not rate:
        raise CommandError("--burst is of a rate: give --rate too", code=2)
    where = named_file(file)
    key = add_key(where, name, scope, per_second=rate, burst=burst)
    typer.echo(f"{name} in {where}; this is the key, shown this once:", err=True)
    typer.echo(key)


@app.command(name="list")
def show(file: File = None) -> None:
    """Whose keys are valid, what they may do, and since when."""
    where = named_file(file)
    keys = read_keys(where).keys
    if keys:
        wide_console().print(as_table(keys))
    else:
        typer.echo(f"{where} has no key: `relevo keys new NAME --scope predict` makes one")


@app.command()
def revoke(
    which: Annotated[
        str, typer.Argument(metavar="NAME", help="or the id, where a name has several")
    ],
    file: File = None,
) -> None:
    """Take a key away: services refuse it within a second or two."""
    where = named_file(file)
    gone = revoke_key(where, which)
    typer.echo(f"the key {gone.id} of {gone.name} is taken out of {where}")


def as_table(keys: tuple[Key, ...]) -> Table:
    """A line per key."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("name", "id", "may", "rate", "made"):
        table.add_column(title, no_wrap=True, header_style="dim")
    for key in keys:
        rate = f"{key.per_second:g}/s" if key.per_second else "any"
        made = f"{key.made_at.astimezone():%Y-%m-%d %H:%M:%S}" if key.made_at else ""
        burst = f", {key.burst} at once" if key.burst else ""
        table.add_row(key.name, key.id, ", ".join(key.scopes), rate + burst, made)
    return table
