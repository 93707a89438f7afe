"""Java's own HTTP client asks a pod, with all its defaults."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

JAVA = Path(__file__).with_name("JavaClient.java")
Row = dict[str, Any]


@pytest.mark.slow
def test_javas_own_client_as_people_write_it(
    lone_pod: Any, example: Row, tmp_path: Path
) -> None:
    """It offers h2c with each first request, and sends the body in a packet of its own."""
    java = shutil.which("java")
    if java is None:
        pytest.skip("there is no java here")
    row, large = tmp_path / "row.json", tmp_path / "large.json"
    row.write_text(json.dumps(example))
    large.write_text(" " * 9_000_000)

    done = subprocess.run(
        [java, JAVA, lone_pod.url, row, large], capture_output=True, text=True, check=True
    )

    lines = [line.split(" ", 3) for line in done.stdout.splitlines()]
    answered = [(path, status, pod) for path, status, pod, _ in lines]
    assert answered == [
        ("/predict", "200", "lone"),
        ("/predict?model_name=diabetes130", "200", "lone"),
        ("/predict_batch", "200", "lone"),
        ("/health", "200", "lone"),
        ("/predict_batch", "413", "lone"),
    ]
    assert "8388608 bytes at most" in lines[-1][3]
