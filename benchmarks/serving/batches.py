"""15,000 rows in one POST, in every form, against json.loads of the same bytes."""

import io
import json
import statistics
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pyarrow as pa

from benchmarks.serving.model import REQUESTS
from benchmarks.tables import print_table

ROWS = 15_000
ROUNDS = 9
JSON, ARROW = "application/json", "application/vnd.apache.arrow.stream"


def measure_batches(folder: Path, pod: psutil.Process, url: str) -> dict[str, Any]:
    """The medians of every form, and a table of them."""
    requests = json.loads((folder / REQUESTS).read_text())
    rows = (requests * (ROWS // len(requests) + 1))[:ROWS]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    as_rows = json.dumps(rows, separators=(",", ":")).encode()
    bodies = {
        "JSON rows": (as_rows, JSON),
        "JSON columns": (json.dumps(columns, separators=(",", ":")).encode(), JSON),
        "Arrow": (arrow(columns), ARROW),
    }
    figures: dict[str, Any] = {}
    for name, (body, form) in bodies.items():
        seconds, work, loads = [], [], []
        with httpx.Client(timeout=60) as client:
            for _ in range(ROUNDS + 1):
                before, began = sum(pod.cpu_times()[:2]), time.perf_counter()
                answer = client.post(
                    url + "_batch",
                    content=body,
                    headers={
                        "content-type": form,
                        "accept": form,
                        "accept-encoding": "identity",
                    },
                )
                seconds.append(time.perf_counter() - began)
                work.append(sum(pod.cpu_times()[:2]) - before)
                answer.raise_for_status()
                # at once: a shared machine is not as fast a minute later
                before = time.process_time()
                json.loads(as_rows)
                loads.append(time.process_time() - before)
        figures[name] = {
            "megabytes": len(body) / 1e6,
            "ms": statistics.median(seconds[1:]) * 1e3,
            "cpu_ms": statistics.mean(work[1:]) * 1e3,
            "json_loads_cpu_ms": statistics.mean(loads[1:]) * 1e3,
            "ratio": sum(work[1:]) / sum(loads[1:]),
        }
    header = (
        "15,000 rows",
        "MB",
        "whole request, ms",
        "CPU of the pod, ms",
        "CPU of json.loads of the JSON rows, ms",
        "ratio",
    )
    print_table(
        "Batches", header, [(name, *each.values()) for name, each in figures.items()]
    )
    return figures


def arrow(columns: dict[str, list[Any]]) -> bytes:
    """The columns as an Arrow stream."""
    table = pa.table(columns)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()
