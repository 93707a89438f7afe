"""A batch whose labels are flipped at the source, until a person has decided about it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from relevo_contracts.batches import batch_id
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_storage import open_catalog
from tests.faults.tables import DECLARATION, Batch, batch, flipped
from tests.observability.programs import has_prometheus
from tests.observability.running import Prometheus, running_prometheus
from tests.pipeline.reaching import until
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

NAME = "flats"
HONEST, WRONG = batch_id(NAME, 1), batch_id(NAME, 2)
WHO_AND_WHY = ("--who", "ana", "--why", "asked the landlords")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the platform takes its batches from."""
    return tmp_path_factory.mktemp("source")


@pytest.fixture(scope="module")
def platform(
    tmp_path_factory: pytest.TempPathFactory, source: Path
) -> Iterator[RunningPlatform]:
    declared = tmp_path_factory.mktemp("declared")
    text = f'\n[source]\nkind = "folder"\npath = "{source}"\nevery = 1\n'
    (declared / f"{NAME}.toml").write_text(DECLARATION.format(name=NAME) + text)
    running = RunningPlatform(
        tmp_path_factory.mktemp("poisoned") / "state",
        interval=10,
        datasets=(NAME,),
        environment={
            "RELEVO_DATASETS": str(declared),
            "RECONCILE_INTERVAL_SECONDS": "5",
        },
    )
    yield running
    running.stop()


@pytest.fixture(scope="module")
def prometheus(
    platform: RunningPlatform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus | None]:
    """None where there is none to run."""
    if not has_prometheus():
        yield None
        return
    folder = tmp_path_factory.mktemp("prometheus") / "state"
    targets = platform.state / "prometheus-targets.json"
    with running_prometheus(folder, targets, platform.addresses.catalog_url) as found:
        yield found


def offer(source: Path, found: Batch) -> None:
    """Put it there as a whole."""
    part = source.with_name(f"{found.number}.part")
    part.write_bytes(found.content)
    part.rename(source / f"{found.number}.parquet")


def ended(platform: RunningPlatform, number: int, *verdicts: Verdict) -> StageResult:
    """What the training with the batch came to, once it is one of these."""

    async def trained() -> dict[int, StageResult]:
        async with open_catalog(platform.addresses.catalog) as catalog:
            results = await catalog.results(NAME, Stage.TRAINED)
        return {each.number: each for each in results}

    def found() -> StageResult | None:
        return asyncio.run(trained()).get(number)

    def has_ended() -> bool:
        result = found()
        return result is not None and result.verdict in verdicts

    until(
        has_ended, seconds=120, what=lambda: f"batch {number} has not ended so: {found()}"
    )
    result = found()
    assert result is not None
    return result


def test_it_is_held_and_status_and_alert_say_so(
    platform: RunningPlatform, source: Path, prometheus: Prometheus | None
) -> None:
    offer(source, batch(1, rows=600))
    ended(platform, 1, Verdict.PROMOTED)

    offer(source, flipped(2, rows=400))
    held = ended(platform, 2, Verdict.HELD)

    why = "champion v1 has ROC-AUC 0.0"
    assert why in (held.reason or "")
    assert f"Held batch 2: {why}" in " ".join(platform.relevo("status").split())
    assert why in platform.relevo("batches", "held")
    trainer = platform.addresses.services["trainer"]
    shown = f'relevo_trainer_held_batches{{dataset="{NAME}"}} 1.0'
    until(
        lambda: shown in platform.client.get(f"{trainer}/metrics").text,
        seconds=60,
        what="the trainer shows no held batch",
    )
    fires = 'ALERTS{alertname="BatchHeld", alertstate="firing"}'
    until(
        lambda: prometheus is None or prometheus.has_shown(fires),
        seconds=60,
        what="no alert",
    )


def test_it_is_learned_from_when_released_and_rejected_it_is_done_without(
    platform: RunningPlatform, source: Path
) -> None:
    platform.relevo("batches", "release", "2", *WHO_AND_WHY)
    ended(platform, 2, Verdict.PROMOTED)
    fooled = asyncio.run(until_promoted(platform, WRONG))
    platform.relevo("batches", "reject", "2", *WHO_AND_WHY)

    offer(source, batch(3, rows=400))
    ended(platform, 3, Verdict.PROMOTED)
    honest = asyncio.run(until_promoted(platform, batch_id(NAME, 3)))

    assert fooled == (HONEST, WRONG)
    assert honest == (HONEST, batch_id(NAME, 3))


async def until_promoted(platform: RunningPlatform, newest: str) -> tuple[str, ...]:
    """What the champion learned from, as soon as this batch is among it."""
    async with open_catalog(platform.addresses.catalog) as catalog:
        for _ in range(600):
            last = (await catalog.promotions(NAME))[-1]
            if newest in last.batches:
                return last.batches
            await asyncio.sleep(0.1)
    raise AssertionError(f"nobody who learned from {newest} was promoted")
