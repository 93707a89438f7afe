"""For tests: a small platform's data, batches of a dataset as the stages keep them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow import parquet

from relevo_sql.catalog import Snapshot
from relevo_sql.locked import connect

T0 = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ROWS = 10


def result(dataset: str, number: int, stage: str, **fields: Any) -> dict[str, Any]:
    """An entry of stage_results."""
    began = T0 + timedelta(minutes=5 * number)
    absent = dict.fromkeys(("reason", "table_key", "rows"))
    return {
        **absent,
        "batch_id": f"{dataset}-{number:04d}",
        "stage": stage,
        "dataset": dataset,
        "number": number,
        "verdict": "accepted",
        "statistics": {},
        "started_at": began.isoformat(),
        "finished_at": (began + timedelta(seconds=3)).isoformat(),
        **fields,
    }


def raw(number: int) -> pa.Table:
    """Raw rows: all text, with a column whose name a batch's own would be."""
    return pa.table({
        "Patient Nr": [str(number * ROWS + row) for row in range(ROWS)],
        "batch_id": ["theirs"] * ROWS,
        "a\"b'c": [None, *(str(row) for row in range(ROWS - 1))],
    })  # fmt: skip


def clean(number: int) -> pa.Table:
    """Clean rows: one was put aside."""
    splits = ["train"] * 6 + ["validation"] * 2 + ["test"]
    return pa.table({
        "row_id": [str(number * ROWS + row) for row in range(ROWS - 1)],
        "group": [str(row) for row in range(ROWS - 1)],
        "split": splits,
        "age": [float(row) for row in range(ROWS - 1)],
        "target": pa.array([0, 1, 0] * 3, pa.int8()),
    })  # fmt: skip


FAULT = {
    "column": "age",
    "reason": "is not a number",
    "rows": 1,
    "different": 1,
    "examples": ["old"],
    "nearest": None,
}


def clean_statistics(report: str) -> dict[str, Any]:
    return {
        "rows_in": ROWS,
        "rows_out": ROWS - 1,
        "rows_quarantined": 1,
        "rows_removed": "odd",  # another writer's: it is left out
        "splits": {"train": 6, "validation": 2, "test": 1},
        "target_rate": 1 / 3,
        "report": report,
        "missing_shares": {"age": 0.25},
    }


TRAINED = {
    "task": "binary",
    "figure": "roc_auc",
    "algorithm": "lightgbm",
    "model_version": "1",
    "test": 0.7,
    "batches": ["one"],
}


@dataclass(frozen=True)
class Folder:
    """Objects as files of a folder."""

    path: Path
    address: str = "a folder"

    @property
    def prefix(self) -> str:
        return f"{self.path}/"

    def open(self) -> duckdb.DuckDBPyConnection:
        return connect()


@dataclass
class Stages:
    """What was stored and noted so far; a Source over files of a folder."""

    folder: Path
    results: list[dict[str, Any]] = field(default_factory=list)
    promotions: list[dict[str, Any]] = field(default_factory=list)

    def add(self, dataset: str, number: int) -> None:
        """A batch that went through all stages and brought a champion."""
        keys = {kind: f"{kind}/{dataset}/{number}" for kind in ("raw", "clean", "reports")}
        for name, table in (("raw", raw(number)), ("clean", clean(number))):
            parquet.write_table(table, self._file(f"{keys[name]}.parquet"))
        report = f"{keys['reports']}.json"
        self._file(report).write_text(json.dumps({"quarantined": [FAULT]}, indent=2))
        noted = clean_statistics(report)
        released = {"released_at": T0.isoformat(), "source_url": "http://source/1"}
        self.results += [
            result(dataset, number, "raw", table_key=f"{keys['raw']}.parquet",
                   rows=ROWS, statistics=released),
            result(dataset, number, "clean", table_key=f"{keys['clean']}.parquet",
                   rows=ROWS - 1, statistics=noted),
            result(dataset, number, "trained", verdict="promoted", statistics=TRAINED),
        ]  # fmt: skip
        self.promotions.append({
            "sequence": len(self.promotions) + 1,
            "event_id": f"{dataset}/{number}",
            "model": f"model-of-{dataset}",
            "model_version": str(number),
            "previous_version": None,
            "bundle_sha256": "0" * 64,
            "batches": [f"{dataset}-{n:04d}" for n in range(1, number + 1)],
            "promoted_at": (T0 + timedelta(hours=number)).isoformat(),
        })  # fmt: skip

    def refuse(self, dataset: str, number: int, reason: str) -> None:
        """A batch that the source could not hand out as it should."""
        self.results.append(
            result(dataset, number, "raw", verdict="refused", reason=reason)
        )

    def mark(self) -> tuple[int, int]:
        return len(self.results), len(self.promotions)

    def snapshot(self) -> Snapshot:
        return Snapshot(self.mark(), json.dumps(self.results), json.dumps(self.promotions))

    def _file(self, key: str) -> Path:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
