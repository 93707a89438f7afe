"""Prometheus finds every process of the platform under its service's name."""

import json
from pathlib import Path

from relevo_local.places.addresses import Addresses, S3Address
from relevo_local.places.targets import write_targets


def test_a_process_is_a_target_whose_job_is_its_service(tmp_path: Path) -> None:
    addresses = Addresses(
        kafka="127.0.0.1:1",
        catalog_url="postgresql://u@127.0.0.1:2/catalog",
        s3=S3Address(
            endpoint_url="http://127.0.0.1:3", access_key="k", secret_key="s", bucket="b"
        ),
        mlflow="http://127.0.0.1:4",
        data_api="http://127.0.0.1:5",
        inference=["http://127.0.0.1:8001"],
        services={
            "pod-2": "http://127.0.0.1:8001",
            "data-api": "http://127.0.0.1:5",
        },
    )

    write_targets(tmp_path, addresses)

    assert json.loads((tmp_path / "prometheus-targets.json").read_text()) == [
        {
            "targets": ["127.0.0.1:8001"],
            "labels": {"job": "inference", "instance": "pod-2"},
        },
        {
            "targets": ["127.0.0.1:5"],
            "labels": {"job": "data-api", "instance": "data-api"},
        },
    ]
