"""Running the load of `load/locustfile.py` for a few seconds."""

import subprocess
import sys
from pathlib import Path

from tests.observability.programs import ROOT


def load(
    host: str,
    reports: Path,
    *,
    shape: str = "users10",
    pace: float = 0.05,
    model: str | None = None,
    key: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """As `make load` does; pace 0.05 is a twentieth of the usual time."""
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(ROOT / "load/locustfile.py")),
        *("--headless", "--only-summary", "--host", host),
        *("--shape", shape, "--pace", str(pace)),
        *(("--model", model) if model else ()),
        *(("--api-key", key) if key else ()),
        *("--html", str(reports / "load.html"), "--csv", str(reports / "load")),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)
