"""`python -m load.rows [--check]` writes load/rows.json: real rows as requests.

The locustfile reads them, so that it needs nothing but Locust: it also runs in Locust's own
image.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import as_file, files
from pathlib import Path

import pandas as pd
from pydantic import JsonValue

from relevo_contracts import Feature
from relevo_datasets import Dataset, clean, dataset_named
from relevo_features import kind_of
from relevo_local.places.addresses import DEFAULT_DATASETS
from trainer.learning.bundling import requests_of

FILE = Path(__file__).with_name("rows.json")
ROWS = 100
SEED = 7


def text() -> str:
    """What is sent to the model of each dataset that ships with rows, the default first.

    open: a feature that takes words which nobody knows, or null. wrong: fields each of
    which makes a row one that must be refused. rows: as callers send them, one a line.
    """
    parts = []
    with as_file(files("data_api") / "data") as folder:
        names = {each.name for each in folder.iterdir() if each.is_dir()}
        for name in [*DEFAULT_DATASETS, *sorted(names.difference(DEFAULT_DATASETS))]:
            dataset = dataset_named(name)
            rows = ",\n".join(map(json.dumps, _rows(dataset, folder / name)))
            facts = {"open": _open(dataset), "wrong": list(_wrong(dataset))}
            parts.append(f'"{name}": {json.dumps(facts)[:-1]}, "rows": [\n{rows}\n]}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _rows(dataset: Dataset, folder: Path) -> list[dict[str, JsonValue]]:
    """Rows of the newest batch that the cleaner keeps."""
    newest = pd.read_parquet(max(folder.glob("*.parquet")))
    frame = clean(dataset, newest, dataset.default_target.name).frame
    chosen = frame.sample(min(ROWS, len(frame)), random_state=SEED)
    return requests_of(chosen, dataset.features)


def _open(dataset: Dataset) -> str | None:
    """The last feature of the example that is an open set of words."""
    shown = (f for f in reversed(dataset.features) if f.name in (dataset.example or {}))
    return next((f.name for f in shown if _takes_any_word(f)), None)


def _takes_any_word(feature: Feature) -> bool:
    kind = kind_of(feature)
    return kind.json_type == "string" and bool(kind.words(feature)) and not feature.closed


def _wrong(dataset: Dataset) -> Iterator[Mapping[str, JsonValue]]:
    """A number for a word, a number below the least one, a name that is not there."""
    closed = [f for f in dataset.features if f.closed]
    yield from ({feature.name: 7} for feature in closed[:1])
    least = [
        (feature.name, feature.minimum)
        for feature in dataset.features
        if kind_of(feature).is_quantity and feature.minimum is not None
    ]
    yield from ({name: int(minimum) - 1} for name, minimum in least[:1])
    yield {f"{dataset.features[0].name}x": 1}


def main(arguments: list[str]) -> int:
    """Check or write; 1 when the committed rows are others."""
    if arguments != ["--check"]:
        FILE.write_text(text())
        return 0
    if FILE.read_text() == text():
        return 0
    sys.stderr.write("load/rows.json is stale: run `make generate`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
