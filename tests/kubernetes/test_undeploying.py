"""Down and up again: what stays, and what is said when it cannot work."""

import pytest

from relevo_contracts.results import Stage
from tests.conformance.claims import champion
from tests.kubernetes.lab import cluster_addresses, listed, names_resolved, run, try_run
from tests.kubernetes.platform import DEPLOY, KEYS, OVERLAY, KubernetesPlatform

pytestmark = [pytest.mark.kubernetes, pytest.mark.timeout(900)]
KAFKA = "KAFKA_BOOTSTRAP_SERVERS="
NOWHERE = "nowhere.example.org"


async def test_what_was_learned_stays_when_everything_goes_and_comes_back(
    platform: KubernetesPlatform,
) -> None:
    platform.look_again()
    with names_resolved(cluster_addresses()):
        before = champion(platform), len(await platform.results(Stage.TRAINED))
    claims = {each["metadata"]["uid"] for each in listed("persistentvolumeclaims")}

    run(str(DEPLOY), "down", str(OVERLAY), seconds=200)
    assert listed("deployments") + listed("services") + listed("secrets") == []
    assert {c["metadata"]["uid"] for c in listed("persistentvolumeclaims")} == claims
    platform.up()

    platform.look_again()
    with names_resolved(cluster_addresses()):
        after = champion(platform), len(await platform.results(Stage.TRAINED))
        platform.until_served(before[0], seconds=60)
    assert after == before


def test_an_unreachable_kafka_is_named_by_those_who_wait_for_it(
    platform: KubernetesPlatform,
) -> None:
    run(str(DEPLOY), "down", str(OVERLAY), seconds=200)
    KEYS.write_text(KEYS.read_text().replace(f"{KAFKA}kafka", f"{KAFKA}{NOWHERE}"))

    done = try_run(str(DEPLOY), "up", str(OVERLAY), SECONDS_TO_WAIT="60")

    assert done.returncode == 1
    assert "not everything is ready after 6" in done.stderr
    waiting = [line for line in done.stdout.splitlines() if line.startswith("cleaner-")]
    assert waiting
    assert all(NOWHERE in line for line in waiting), waiting
