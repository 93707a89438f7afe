"""Whether learning can be fooled: by looking often, and by a batch with something wrong.

No servers, the trainer's own functions, everything seeded. Parts by name, all without one:
`noise` (streams without anything to learn), and a dataset's name (one of its batches is
wrong, and none of the others may be held).
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.resources import files

import numpy as np
import pandas as pd

from benchmarks.learning import OUR_SALT, RATIOS, assignment_of
from benchmarks.noise import noise
from benchmarks.poisons import POISONS
from benchmarks.tables import print_table
from relevo_datasets import SPLIT, clean, dataset_named
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.splitting import TEST, splits_of
from trainer.judging.champion import Champion, OnDuty
from trainer.judging.live import oddity
from trainer.judging.spending import CHANCE
from trainer.judging.tasks import TASKS
from trainer.learning.assignment import Table
from trainer.learning.bundling import columns_of
from trainer.learning.candidates import Candidate, candidates_for
from trainer.learning.learning_set import LearningSet, assemble
from trainer.learning.stages import Stages
from trainer.learning.training import live_of, train

SEED = 16
SALTS = (OUR_SALT, *(f"honest-{number}" for number in range(1, 6)))
LINEAR = ("covertype",)
"""Trees of seven classes take minutes."""
POISONED = {"diabetes130": 5, "covertype": 3, "pima": 3}


@dataclass
class Stream:
    """Who serves after the batches so far, and what became of each of them."""

    champion: Champion | None = None
    verdicts: dict[str, int] = field(default_factory=dict)
    used: list[Table] = field(default_factory=list)
    promotions: int = 0
    live: dict[str, float] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "Stream":
        """Another one that goes on from here."""
        return replace(
            self,
            verdicts=dict(self.verdicts),
            used=list(self.used),
            live=dict(self.live),
            held=dict(self.held),
        )

    def take(self, table: Table, candidates: Sequence[Candidate]) -> LearningSet:
        """As the trainer does with a batch."""
        learning = assemble([*self.used, table])
        stages = Stages(lambda _: None)
        live = live_of(self.champion, learning, stages)
        if live:
            self.live[table.batch_id] = live.leading.value
        if live and (odd := oddity(live)):
            self.held[table.batch_id] = odd
            return learning
        self.used.append(table)
        rival = self.champion.sha256 if self.champion else CHANCE
        number = str(self.promotions + 1)
        trained = train(
            replace(assignment_of(self.used), verdicts=self.verdicts),
            learning,
            OnDuty(self.champion),
            run_id=table.batch_id,
            stages=stages,
            candidates=candidates,
            live=live,
        )
        self.verdicts[rival] = self.verdicts.get(rival, 0) + 1
        if trained.verdict.is_promoted:
            self.champion = Champion.read(number, trained.challenger.bundle)
            self.promotions += 1
        return learning


def poisons(name: str) -> None:
    """One batch is wrong: is it held, and what is the champion worth in the end?"""
    number = POISONED[name]
    candidates = cheap(name)
    frames = read(name)
    honest = [run(tables_of(name, frames, salt), candidates) for salt in SALTS]
    before = run(tables_of(name, frames, SALTS[0])[: number - 1], candidates)
    held = [f"{s}: {b}" for s, each in zip(SALTS, honest, strict=True) for b in each.held]
    live = np.array([figure for each in honest for figure in each.live.values()])
    rows = [("none", "–", "–", f"{worth(honest[0], name, frames):.4f}")]
    for called, poison in POISONS[name].items():
        wrong = list(frames)
        wrong[number - 1] = poison(wrong[number - 1], np.random.default_rng(SEED))
        tables = tables_of(name, wrong, SALTS[0])[number - 1 :]
        stream = run(tables, candidates, after=before)
        batch = f"{name}-{number:04d}"
        rows.append(
            (
                called,
                f"{stream.live.get(batch, np.nan):.3f}",
                "held" if batch in stream.held else "learned from",
                f"{worth(stream, name, frames):.4f}",
            )
        )
    figure = TASKS[dataset_named(name).default_target.task].FIGURE
    heads = (f"batch {number}", f"live {figure}", "verdict", f"honest {figure}")
    print_table(name, heads, rows)
    promotions = np.mean([each.promotions for each in honest])
    print(f"\nHonest batches held, of {live.size}: {', '.join(held) or 'none'}")
    print(f"{figure} on the next batch: {live.mean():.4f}; {promotions:.1f} promotions")


def run(
    tables: Sequence[Table],
    candidates: Sequence[Candidate],
    *,
    after: Stream | None = None,
) -> Stream:
    """All batches, one after the other, from where another stream has come to."""
    stream = (after or Stream()).copy()
    for table in tables:
        stream.take(table, candidates)
    return stream


def worth(stream: Stream, name: str, frames: Sequence[pd.DataFrame]) -> float:
    """The leading figure of who serves in the end, on the test rows as they should be."""
    learning = assemble(tables_of(name, frames, SALTS[0]))
    rows = learning.rows(TEST)
    if stream.champion is None:
        return float("nan")
    columns = columns_of(learning.frame.iloc[rows], learning.dataset.features)
    answers = stream.champion.bundle.answers(columns)
    return learning.task.leading(learning.y[rows], answers).value


def cheap(name: str) -> tuple[Candidate, ...]:
    """One quick candidate."""
    dataset = dataset_named(name)
    found = candidates_for(dataset, dataset.default_target.task)
    algorithm = "logistic_regression" if name in LINEAR else "lightgbm"
    return tuple(each for each in found if each.algorithm == algorithm)


def read(name: str) -> list[pd.DataFrame]:
    """The shipped batches, cleaned, not yet split."""
    dataset, folder = dataset_named(name), files("data_api") / "data" / name
    paths = sorted(each.name for each in folder.iterdir() if each.name[-8:] == ".parquet")
    frames = []
    for path in paths:
        with (folder / path).open("rb") as file:
            raw = pd.read_parquet(file)
            frames.append(clean(dataset, raw, dataset.default_target.name).frame)
    return frames


def tables_of(name: str, frames: Sequence[pd.DataFrame], salt: str) -> tuple[Table, ...]:
    """The clean batches as the cleaner stores them, divided by a salt."""
    dataset, tables = dataset_named(name), []
    for number, frame in enumerate(frames, 1):
        parts = frame.assign(**{SPLIT: splits_of(frame["group"], RATIOS, salt=salt)})
        content = CleanTable(parts, dataset, dataset.default_target.name).to_parquet()
        tables.append(Table(f"{name}-{number:04d}", "", "0" * 64, content))
    return tuple(tables)


PARTS: Mapping[str, Callable[[], None]] = {
    "noise": lambda: noise(read("diabetes130")),
    **{name: partial(poisons, name) for name in POISONED},
}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        began = time.monotonic()
        PARTS[name]()
        print(f"\n{name}: {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
