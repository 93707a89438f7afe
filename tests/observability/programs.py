"""Prometheus's programs, from `observability/get-prometheus.sh` or the PATH."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FETCHED = ROOT / ".tools/prometheus"


def program(name: str) -> str:
    """The program's path; without it the test is skipped."""
    path = shutil.which(name, path=FETCHED) or shutil.which(name)
    if path is None:
        pytest.skip(f"no {name} here: observability/get-prometheus.sh could not get it")
    return path
