"""The platform in the lab, reached by its names as the services reach each other."""

import re
import time

from relevo_local.platform import Addresses, S3Address
from tests.kubernetes.lab import ROOT, cluster_addresses, pods, run, try_run
from tests.pipeline.reaching import ReachedPlatform

DEPLOY = ROOT / "kubernetes/deploy.sh"
OVERLAY = ROOT / "tests/kubernetes/overlay"
VOLUMES = ("kafka", "postgres", "minio", "prometheus", "data-api")
KEYS, KEY = OVERLAY / "platform.env", OVERLAY / "relevo_api_key"
HTTP = 8080


def new_keys() -> dict[str, str]:
    """Random ones, as `make kubernetes-env` writes them."""
    KEYS.unlink(missing_ok=True)
    run(str(DEPLOY), "env", str(OVERLAY))
    lines = [line.partition("=") for line in KEYS.read_text().splitlines()]
    return {name: value for name, _, value in lines}


def needed_images() -> set[str]:
    """Those of the tests' overlay."""
    built = run("kubectl", "kustomize", str(OVERLAY))
    return set(re.findall(r"^ +image: (\S+)$", built, re.MULTILINE))


class KubernetesPlatform(ReachedPlatform):
    """Its start and its addresses; names must be resolved around all that asks it."""

    def __init__(self, keys: dict[str, str]) -> None:
        super().__init__()
        self.client.headers["x-api-key"] = KEY.read_text()
        self._keys = keys

    def up(self) -> float:
        """Apply everything and wait until it is ready; the seconds it took."""
        began = time.monotonic()
        run(str(DEPLOY), "up", str(OVERLAY), seconds=400)
        return time.monotonic() - began

    def look_again(self) -> None:
        """A pod that was made anew has another address."""
        names = cluster_addresses()
        self.addresses = Addresses(
            kafka=self._keys["KAFKA_BOOTSTRAP_SERVERS"],
            catalog_url=self._keys["CATALOG_URL"],
            s3=S3Address(
                endpoint_url=self._keys["S3_ENDPOINT_URL"],
                access_key=self._keys["S3_ACCESS_KEY"],
                secret_key=self._keys["S3_SECRET_KEY"],
                bucket="batches",
            ),
            mlflow=self._keys["MLFLOW_TRACKING_URI"],
            data_api=f"http://{names['data-api']}:{HTTP}",
            inference=[f"http://{ip}:{HTTP}" for ip in pods("inference").values()],
            services={name: f"http://{ip}:{HTTP}" for name, ip in names.items()},
        )

    def told(self) -> str:
        return try_run(str(DEPLOY), "status").stdout[-6000:]

    @property
    def door(self) -> str:
        """The Service `inference`, as callers inside of the cluster know it."""
        return f"http://inference:{HTTP}"
