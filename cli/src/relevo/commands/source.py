"""`relevo source`: ask a dataset's source once, and see what would be taken."""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from relevo.commands.dataset import known
from relevo.commands.options import State, explain
from relevo.errors import CommandError
from relevo.settings import Settings
from relevo.stored import named_store
from relevo_local.places.addresses import NotRunning, read_addresses
from relevo_local.settings import inherited_environment

app = typer.Typer(
    help="Where batches come from: ask a source what it has.",
    invoke_without_command=True,
    callback=explain,
    rich_markup_mode=None,
)

SECONDS = 180.0
VERDICTS = {
    "accepted": "would be taken",
    "refused": "would be refused",
    "nothing": "has nothing to be taken just now",
    "away": "does not answer",
    "strange": "answers, but not as a source of its kind does",
    "nowhere": "is nowhere",
}
GOOD = ("accepted", "nothing")


@app.command()
def check(
    state: State,
    dataset: Annotated[str, typer.Argument(metavar="DATASET")],
) -> None:
    """Ask once; nothing is kept. Exit code 1 when a batch would not be taken.

    INGESTOR_SOURCES and the others of the ingestor count; what a source of kind cursor or
    group answers is gone there, as each question takes it out.
    """
    known(dataset)
    command = [sys.executable, "-m", "ingestor.checking", dataset]
    environment = inherited_environment("ingestor") | addresses(state)
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise CommandError(
            f"the source of {dataset} takes longer than {SECONDS:g} s"
        ) from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["it says nothing"]
        raise CommandError(f"the source of {dataset} could not be asked: {last[0]}")
    found = json.loads(done.stdout.splitlines()[-1])
    typer.echo("\n".join(told(found)))
    if found["verdict"] not in GOOD:
        raise typer.Exit(1)


def told(found: dict[str, Any]) -> list[str]:
    """What was seen, line by line."""
    head = f"{found['dataset']}, a source of kind {found['kind']}"
    lines = [f"{head}: {VERDICTS[found['verdict']]}"]
    columns = found["columns"]
    facts = {
        "why": found["text"],
        "from": found["origin"],
        "called": found["identity"],
        "sha256": found["sha256"],
        "rows": f"{found['rows']:,}" if found["rows"] else "",
        "columns": f"{len(columns)}: {', '.join(columns)}" if columns else "",
        "mind": found["warning"],
    }
    return lines + [f"  {name:<8} {text}" for name, text in facts.items() if text]


def addresses(state: Path) -> dict[str, str]:
    """Where the platform's own source, store and Kafka are, as far as it is known."""
    settings = Settings()
    url, kafka, store = settings.data_api, settings.kafka, named_store(settings)
    with suppress(NotRunning):
        local = read_addresses(state)
        url, kafka = url or local.data_api, kafka or local.kafka
        store = store or local.s3
    found = {"DATA_API_URL": url or "", "KAFKA_BOOTSTRAP_SERVERS": kafka or ""}
    return {name: value for name, value in found.items() if value} | (
        store.environment if store else {}
    )
