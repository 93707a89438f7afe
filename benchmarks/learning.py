"""What is learned from the shipped batches, how well, and how long it takes.

No servers: the seven batches are cleaned and learned from in this process, as the trainer
does between its event and its registration. Five salts of the split show how much of a
figure is luck.
"""

import hashlib
import resource
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from os import cpu_count

import pandas as pd

from benchmarks.tables import print_table
from relevo_datasets import SPLIT, clean, dataset_named
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.splitting import SplitRatios, splits_of
from trainer.judging.champion import Champion, OnDuty
from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import candidates_for
from trainer.learning.learning_set import assemble
from trainer.learning.stages import Stages
from trainer.learning.training import Trained, train

DATASET = dataset_named("diabetes130")
TARGET = "<30"
RATIOS = SplitRatios(70, 15, 15)
OUR_SALT = "relevo"
SALTS = tuple(f"seed-{number}" for number in range(5))
BATCHES = 7
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read_batches(count: int = BATCHES) -> list[pd.DataFrame]:
    """The first shipped batches, cleaned, not yet split."""
    folder = files("data_api") / "data" / "diabetes130"
    frames = []
    for number in range(1, count + 1):
        with (folder / f"batch-{number:04d}.parquet").open("rb") as file:
            frames.append(clean(DATASET, pd.read_parquet(file), TARGET).frame)
    return frames


def split(frames: Sequence[pd.DataFrame], salt: str) -> tuple[Table, ...]:
    """The clean batches as the cleaner stores them, divided by a salt."""
    tables = []
    for number, frame in enumerate(frames, 1):
        splits = splits_of(frame["group"], RATIOS, salt=salt)
        content = CleanTable(frame.assign(**{SPLIT: splits}), DATASET, TARGET).to_parquet()
        sha256 = hashlib.sha256(content).hexdigest()
        tables.append(Table(f"diabetes130-{number:04d}", sha256, sha256, content))
    return tuple(tables)


def assignment_of(tables: Sequence[Table]) -> Assignment:
    """The job after the last of these batches."""
    return Assignment(
        dataset=DATASET.name,
        batch_id=tables[-1].batch_id,
        tables=tuple(tables),
        released_at=NOW,
        cleaned_at=NOW,
        code_version="benchmark",
        threads=cpu_count() or 1,
    )


def learn(
    tables: Sequence[Table], champion: Champion | None = None
) -> tuple[Trained, dict[str, float]]:
    """One job, and the seconds of its stages."""
    assignment = assignment_of(tables)
    stages = Stages(lambda _: None)
    began = time.monotonic()
    with stages.stage("load"):
        learning = assemble(assignment.tables)
    trained = train(
        assignment,
        learning,
        OnDuty(champion),
        run_id="benchmark",
        stages=stages,
        candidates=candidates_for(DATASET, learning.target.task),
    )
    return trained, {**stages.seconds, "all": time.monotonic() - began}


def the_stream(tables: Sequence[Table]) -> None:
    """Batch by batch with our own salt: verdicts as they come, and the seconds."""
    champion = None
    verdicts, times = [], []
    for number in range(1, len(tables) + 1):
        trained, seconds = learn(tables[:number], champion)
        verdict, metrics = trained.verdict, trained.challenger.evaluation.metrics
        comparison = verdict.comparison
        verdicts.append(
            (
                number,
                trained.challenger.algorithm,
                f"{comparison.value:.4f}",
                f"{metrics['pr_auc'].value:.4f}",
                f"{comparison.difference:+.4f} ({comparison.standard_error:.4f})",
                comparison.z,
                "promoted" if verdict.is_promoted else "kept",
                f"{trained.live.leading.value:.4f}" if trained.live else "–",
            )
        )
        stages = ("load", "live score", "encode", "fit", "evaluate", "bundle", "verdict")
        times.append((number, *(seconds.get(s, 0.0) for s in stages), seconds["all"]))
        if verdict.is_promoted:
            champion = Champion.read(str(number), trained.challenger.bundle)
    figures = ("ROC-AUC", "PR-AUC", "difference (SE)", "z", "verdict", "live ROC-AUC")
    print_table("Batch by batch", ("batch", "winner", *figures), verdicts)
    print_table("Seconds", ("batch", *stages, "all"), times)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nLargest memory of this process: {peak:.0f} MB")


def the_seeds(frames: Sequence[pd.DataFrame]) -> None:
    """All batches at once, over five salts: every candidate, and who wins."""
    rows = []
    for salt in SALTS:
        trained, _ = learn(split(frames, salt))
        metrics = trained.challenger.evaluation.metrics
        found = {trial.candidate.algorithm: trial.figure for trial in trained.trials}
        rows.append(
            (
                salt,
                *(f"{auc:.4f}" for auc in found.values()),
                trained.challenger.algorithm,
                metrics["roc_auc"].value,
                metrics["pr_auc"].value,
            )
        )
    shown = [(*row[:-2], f"{row[-2]:.4f}", f"{row[-1]:.4f}") for row in rows]
    aucs, areas = ([float(str(row[place])) for row in rows] for place in (-2, -1))
    means = [f"{statistics.mean(v):.4f} ± {statistics.stdev(v):.4f}" for v in (aucs, areas)]
    shown.append(("mean ± sd", *[""] * len(found), "", *means))
    columns = ("split", *(f"{name}, validation" for name in found), "winner")
    print_table("At the end, over five splits", (*columns, "ROC-AUC", "PR-AUC"), shown)


def main() -> None:
    frames = read_batches()
    the_stream(split(frames, OUR_SALT))
    the_seeds(frames)


if __name__ == "__main__":
    main()
