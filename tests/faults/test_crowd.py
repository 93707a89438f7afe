"""Three cleaners and two trainers share the work, and something dies every few seconds."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.faults.line import Lines, Note
from tests.faults.platform import SERVERS, Faulty
from tests.pipeline.reaching import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1500)]
DATASETS = ("one", "two", "three", "four")
MORE = {"cleaner-2": "cleaner", "cleaner-3": "cleaner", "trainer-2": "trainer"}
SETTINGS = {"DELIVERY_ATTEMPTS": "20"}
"""Here chance kills, not a message: three times in a row while one is worked on is no proof
against it, so that a single dead letter is a fault."""
SERVICES = ("ingestor", "cleaner", "trainer", "registry-watcher", "pod-1", *MORE)
SPARED = "pod-2"
"""Lives through it all, so its memory tells whether something grows."""
EACH = 50
SECONDS = (2.0, 6.0)
GROWTH = 1.2
PATIENCE = 120.0


@contextmanager
def killing(faulty: Faulty, chance: random.Random, *victims: str) -> Iterator[list[str]]:
    """Something dies every few seconds while the block lasts; what, in order.

    Each dies once before one dies again.
    """
    stop, dead = threading.Event(), list[str]()

    def kill() -> None:
        waiting: list[str] = []
        while not stop.wait(chance.uniform(*SECONDS)):
            waiting = waiting or chance.sample(victims, len(victims))
            dead.append(waiting.pop())
            faulty.kill(dead[-1])

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield dead
    finally:
        stop.set()
        thread.join()


def test_a_batch_is_worked_on_by_one_of_them_whoever_dies(
    faulty: Faulty, lines: Lines, record_property: Note
) -> None:
    seed = random.randrange(10**6)  # noqa: S311
    record_property("seed", seed)
    workers = [name for name in SERVICES if name.startswith(("cleaner", "trainer"))]
    with killing(faulty, random.Random(seed), *workers) as dead:  # noqa: S311
        for _ in range(3):
            for name in DATASETS:
                lines(name).offer()
        until(
            lambda: set(dead) == set(workers),
            seconds=PATIENCE,
            what=lambda: f"of {workers} only {dead} died",
        )

    for name in DATASETS:
        lines(name).until_quiet(seconds=PATIENCE)
        lines(name).assert_once()


def test_two_hundred_batches_end_once_while_all_around_them_dies(
    faulty: Faulty, lines: Lines, record_property: Note
) -> None:
    seed = random.randrange(10**6)  # noqa: S311
    record_property("seed", seed)
    began = time.monotonic()
    with killing(faulty, random.Random(seed), *SERVICES, *SERVERS) as dead:  # noqa: S311
        for number in range(EACH):
            for name in DATASETS:
                lines(name).offer()
            for name in DATASETS:
                lines(name).until_quiet(seconds=PATIENCE)
            if number == EACH // 4:
                early = memory(faulty)
    late = memory(faulty)
    record_property("seconds", round(time.monotonic() - began))
    record_property("kills", len(dead))
    record_property("MB of a pod", f"{early / 1e6:.1f}, {late / 1e6:.1f}")

    for name in DATASETS:
        lines(name).until_quiet(seconds=PATIENCE)
        lines(name).assert_once()
    assert late < early * GROWTH


def memory(faulty: Faulty) -> int:
    """Bytes that the process has which was spared."""
    return int(psutil.Process(faulty.pid(SPARED)).memory_full_info().uss)
