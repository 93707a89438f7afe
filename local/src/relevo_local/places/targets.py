"""Where Prometheus finds the processes of a running platform."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from relevo_local.places.addresses import POD, Addresses


def write_targets(state: Path, addresses: Addresses) -> None:
    """`prometheus-targets.json`, as Prometheus's file_sd_configs reads it.

    The job is the service; the instance is the process, such as pod-2.
    """
    groups = [
        {
            "targets": [urlsplit(url).netloc],
            "labels": {
                "job": "inference" if name.startswith(POD) else name,
                "instance": name,
            },
        }
        for name, url in addresses.services.items()
    ]
    (state / "prometheus-targets.json").write_text(json.dumps(groups, indent=1))
