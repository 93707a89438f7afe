"""Prometheus's programs, from `observability/get-prometheus.sh` or the PATH."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FETCHED = ROOT / ".tools/prometheus"


def has_prometheus() -> bool:
    """True when what `running_prometheus` starts is here."""
    names = ("prometheus", "prometheus-node-exporter", "prometheus-postgres-exporter")
    return all(_path(name) for name in names)


def program(name: str) -> str:
    """The program's path; without it the test is skipped."""
    path = _path(name)
    if path is None:
        pytest.skip(f"no {name} here: observability/get-prometheus.sh could not get it")
    return path


def _path(name: str) -> str | None:
    return shutil.which(name, path=FETCHED) or shutil.which(name)
