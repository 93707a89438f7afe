"""A platform that was backed up, wiped and restored answers and learns as before."""

import shutil
from pathlib import Path

import httpx
import pytest

from relevo.example import example_of
from tests.pipeline.reaching import until
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

DATASET = "pima"


def trained(platform: RunningPlatform) -> int:
    """How many batches have a verdict."""
    return platform.relevo("batches", "list", "--json").count('"stage": "trained"')


def answer(platform: RunningPlatform) -> httpx.Response:
    pod = platform.addresses.inference[0]
    return httpx.post(f"{pod}/predict", json=example_of(DATASET), timeout=30)


def test_a_platform_that_was_backed_up_and_wiped_predicts_and_learns_again(
    tmp_path: Path,
) -> None:
    state, folder = tmp_path / "state", tmp_path / "backup"
    platform = RunningPlatform(state, interval=15, datasets=[DATASET])
    try:
        until(lambda: trained(platform) >= 1, seconds=180, what="no batch has a verdict")
        until(lambda: answer(platform).is_success, seconds=60, what="no model answers")
        platform.relevo("hold", "--why", "what it answers is compared")
        before = answer(platform).json()
        batches = trained(platform)
        platform.relevo("backup", str(folder), seconds=120)
    finally:
        platform.stop()
    shutil.rmtree(state)

    platform.relevo("restore", str(folder), "--state", str(state), seconds=180)

    platform = RunningPlatform(state, interval=15, datasets=[DATASET])
    try:
        until(lambda: answer(platform).is_success, seconds=120, what="no model answers")
        after = answer(platform).json()
        for fact in ("model_version", "probability"):
            assert after[fact] == before[fact]
        assert trained(platform) >= batches
        until(
            lambda: trained(platform) > batches,
            seconds=180,
            what="no batch is learned from after the restore",
        )
        assert "no dead letters" in platform.relevo("dead-letters", "list")
    finally:
        platform.stop()
