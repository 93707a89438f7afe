"""Every overlay before a real API server, with the definitions of what is not its own."""

import json
from pathlib import Path

import pytest
import yaml

from tests.kubernetes.lab import ROOT, run, try_run
from tests.repo.kubernetes import OVERLAYS, built

pytestmark = [pytest.mark.kubernetes, pytest.mark.timeout(300)]
DEFINITIONS = {
    "github.com/kedacore/keda/v2@v2.21.0": "config/crd/bases/keda.sh_scaledobjects.yaml",
    "sigs.k8s.io/gateway-api@v1.6.3": (
        "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"
    ),
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": (
        "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml"
    ),
}


@pytest.fixture(scope="module")
def defined(kubernetes: None) -> None:
    """The cluster knows KEDA's objects, the Gateway API's and the operator's."""
    for module, file in DEFINITIONS.items():
        told = json.loads(run("go", "mod", "download", "-json", module, seconds=280))
        path = Path(told["Dir"]) / file
        run("kubectl", "apply", "--server-side", "-f", str(path))
    namespace = ROOT / "kubernetes/base/namespace.yaml"
    run("kubectl", "apply", "--server-side", "-f", str(namespace))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_api_server_takes_each_object(defined: None, overlay: str) -> None:
    command = ("kubectl", "apply", "--server-side", "--dry-run=server", "-f", "-")

    done = try_run(*command, given=yaml.safe_dump_all(built(overlay)))

    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr


def test_a_misspelt_field_is_refused(defined: None) -> None:
    (scaler, *_) = (m for m in built("bring-your-own") if m["kind"] == "ScaledObject")
    scaler = scaler | {"spec": scaler["spec"] | {"maxReplicas": 3}}
    command = ("kubectl", "apply", "--server-side", "--dry-run=server", "-f", "-")

    assert "maxReplicas" in try_run(*command, given=yaml.safe_dump(scaler)).stderr
