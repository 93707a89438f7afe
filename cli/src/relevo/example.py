"""The example request of each dataset, and how to send it."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import JsonValue

CURL = "curl -s {url}{route} -H 'Content-Type: application/json' -d "


def example_of(dataset: str) -> Mapping[str, JsonValue]:
    """The request that the dataset's declaration shows to people; {}: it shows none."""
    # Imported when it is shown: it brings pandas, and no other command needs it.
    from relevo_datasets import dataset_named

    return dataset_named(dataset).example or {}


def curls(url: str, datasets: Iterable[str]) -> list[str]:
    """The whole command of each dataset, ready to be pasted; the first needs no name."""
    return [
        f"{CURL.format(url=url, route=route(dataset, place))}'{body(dataset)}'"
        for place, dataset in enumerate(datasets)
    ]


def route(dataset: str, place: int) -> str:
    """Where the model is asked that learns from the dataset in that place (from 0)."""
    return f"/models/{dataset}/predict" if place else "/predict"


def body(dataset: str) -> str:
    """The example in one line, for a shell's quotes."""
    text = json.dumps(example_of(dataset), separators=(",", ":"))
    return text.replace("'", "\\u0027")


def short_curl(url: str, state: Path, room: int) -> str:
    """The first dataset's, with the request in a file.

    In two lines, which a shell takes for one, where one has more than `room` columns.
    """
    command = CURL.format(url=url.removeprefix("http://"), route=route("", 0))
    whole = f"{command}@{example_file(state)}"
    return whole if len(whole) <= room else whole.replace(" -d @", " \\\n  -d @")


def example_file(state: Path) -> Path:
    """Where `relevo up` puts the first dataset's request."""
    return state / "example.json"


def write_example(state: Path, dataset: str) -> None:
    """Put the request there."""
    example_file(state).write_text(json.dumps(example_of(dataset), indent=1) + "\n")
