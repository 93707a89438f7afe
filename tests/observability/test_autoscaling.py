"""How many processes KEDA is told of, by the queries that kubernetes/ gives it."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.observability.programs import ROOT, program

MINUTES = 30
LAG, OFFSET = "relevo_lag_watcher_lag_seconds", "relevo_lag_watcher_committed_offset"
EVERY = "10s"


def query(name: str) -> str:
    """What KEDA asks Prometheus about a service."""
    file = ROOT / "kubernetes/components/keda" / f"{name}.yaml"
    trigger = yaml.safe_load(file.read_text())["spec"]["triggers"][0]["metadata"]
    assert trigger["threshold"] == "1", "so the answer is the number of processes"
    return str(trigger["query"])


def partition(group: str, number: int, *, lag: str, offset: str) -> list[dict[str, str]]:
    """A partition's two series."""
    dataset = group.split("-")[1]
    labels = f'{{group="{group}",dataset="{dataset}",topic="t",partition="{number}"}}'
    return [
        {"series": LAG + labels, "values": lag},
        {"series": OFFSET + labels, "values": offset},
    ]


BEHIND, QUICK, GROWING = f"200x{6 * MINUTES}", f"0x{6 * MINUTES}", f"0+10x{6 * MINUTES}"
MOVES, STANDS = f"0+1x{6 * MINUTES}", f"7x{6 * MINUTES}"
SEEN = {"series": "relevo_lag_watcher_up", "values": f"1x{6 * MINUTES}"}
UNSEEN = {"series": "relevo_lag_watcher_up", "values": f"0x{6 * MINUTES}"}


def asked(
    folder: Path, name: str, series: list[dict[str, str]], expected: int | None
) -> None:
    """Prometheus's own test of a query: what it answers at the end; None: nothing."""
    answer: list[dict[str, Any]] = []
    if expected is not None:
        answer = [{"labels": "{}", "value": expected}]
    wanted = {"expr": query(name), "eval_time": f"{MINUTES}m", "exp_samples": answer}
    test = {"interval": EVERY, "input_series": series, "promql_expr_test": [wanted]}
    file = folder / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [], "tests": [test]}))
    done = subprocess.run(
        [program("promtool"), "test", "rules", file], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def of_cleaner(lag: str, offset: str, *numbers: int) -> list[dict[str, str]]:
    """The same of several partitions."""
    return [
        each
        for number in numbers
        for each in partition("cleaner-a", number, lag=lag, offset=offset)
    ]


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([SEEN, *of_cleaner(QUICK, MOVES, 0, 1, 2)], 0),
        ([SEEN, *of_cleaner(BEHIND, MOVES, 0, 1, 2, 3)], 4),
        ([SEEN, *of_cleaner(GROWING, STANDS, 0)], 0),
        ([SEEN, *of_cleaner(GROWING, STANDS, 0), *of_cleaner(BEHIND, MOVES, 1, 2)], 2),
        ([UNSEEN, *of_cleaner(BEHIND, MOVES, 0, 1)], None),
        ([*of_cleaner(BEHIND, MOVES, 0, 1)], None),
    ],
    ids=["quick", "a backlog", "stuck", "both", "Kafka is not seen", "no lag-watcher"],
)
def test_a_cleaner_for_each_partition_that_is_behind_and_moves(
    tmp_path: Path, series: list[dict[str, str]], expected: int | None
) -> None:
    asked(tmp_path, "cleaner", series, expected)


def test_two_datasets_in_one_partition_are_one_cleaners_work(tmp_path: Path) -> None:
    both = [
        *partition("cleaner-a", 0, lag=BEHIND, offset=MOVES),
        *partition("cleaner-b", 0, lag=BEHIND, offset=MOVES),
    ]

    asked(tmp_path, "cleaner", [SEEN, *both], 1)


def test_a_trainer_for_each_dataset_that_is_behind(tmp_path: Path) -> None:
    series = [
        *partition("trainer-a", 0, lag=BEHIND, offset=MOVES),
        *partition("trainer-a", 1, lag=BEHIND, offset=MOVES),
        *partition("trainer-b", 2, lag=BEHIND, offset=MOVES),
        *partition("trainer-c", 2, lag=GROWING, offset=STANDS),
    ]

    asked(tmp_path, "trainer", [SEEN, *series], 2)
