"""`python -m load.rows [--check]` writes load/rows.json: real rows as requests.

The locustfile reads them, so that it needs nothing but Locust: it also runs in Locust's own
image.
"""

import json
import sys
from importlib.resources import files
from pathlib import Path

import pandas as pd

from relevo_datasets import dataset_named
from trainer.learning.bundling import requests_of

FILE = Path(__file__).with_name("rows.json")
DATASET = dataset_named("diabetes130")
BATCH = "batch-0007.parquet"
ROWS = 100
SEED = 7


def rows() -> str:
    """Rows of the shipped data that the cleaner keeps, one a line."""
    with (files("data_api") / "data" / BATCH).open("rb") as file:
        frame = DATASET.clean(pd.read_parquet(file), DATASET.targets[0]).frame
    chosen = requests_of(frame.sample(ROWS, random_state=SEED), DATASET.features)
    return "[\n" + ",\n".join(map(json.dumps, chosen)) + "\n]\n"


def main(arguments: list[str]) -> int:
    """Check or write; 1 when the committed rows are others."""
    if arguments != ["--check"]:
        FILE.write_text(rows())
        return 0
    if FILE.read_text() == rows():
        return 0
    sys.stderr.write("load/rows.json is stale: run `make generate`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
