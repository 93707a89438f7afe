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
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB

from benchmarks.learning import OUR_SALT, RATIOS, assignment_of
from benchmarks.poisons import POISONS
from benchmarks.tables import print_table
from relevo_datasets import SPLIT, TARGET, clean, dataset_named
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.splitting import TEST, splits_of
from trainer.judging.champion import Champion, OnDuty
from trainer.judging.comparison import Answers, Comparison, paired
from trainer.judging.live import oddity
from trainer.judging.spending import CHANCE, needed_z
from trainer.judging.tasks import TASKS
from trainer.judging.verdict import judge_first
from trainer.learning.assignment import Table
from trainer.learning.bundling import columns_of
from trainer.learning.candidates import Candidate, candidates_for
from trainer.learning.learning_set import LearningSet, assemble
from trainer.learning.stages import Stages
from trainer.learning.training import live_of, train

SEED = 16
PATHS, BATCHES, BATCH_ROWS = 240, 50, 400
LOOKS = (7, 20, 50)
OLD_Z = 1.645
NUMBERS = ("number_inpatient", "number_emergency", "time_in_hospital", "num_medications")
SALTS = (OUR_SALT, *(f"honest-{number}" for number in range(1, 6)))
LINEAR = ("covertype",)
"""Trees of seven classes take minutes."""
POISONED = {"diabetes130": 5, "covertype": 3, "pima": 3}
BINARY = TASKS["binary"]


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


def noise() -> None:
    """Labels dealt at random: how many streams ever promote something, and how soon."""
    rows = pd.concat(read("diabetes130"))[[*NUMBERS, TARGET]].to_numpy(np.float64)
    random = np.random.default_rng(SEED)
    z = np.array([_path(rows, random) for _ in range(PATHS)])
    needed = np.array([needed_z(number) for number in range(1, BATCHES + 1)])
    swapped = _swapped(rows, np.random.default_rng(SEED))
    table = [
        (name, *(f"{(found > bar)[:, :look].any(axis=1).mean():.1%}" for look in LOOKS))
        for name, found, bar in (
            ("no model yet: rule V", z, needed),
            ("no model yet: 95 % each time", z, OLD_Z),
            ("a champion: rule V", swapped, needed[: swapped.shape[1]]),
            ("a champion: 95 % each time", swapped, OLD_Z),
        )
    ]
    heads = ("rule", *(f"by batch {look}" for look in LOOKS))
    print_table(f"Streams of {PATHS} that promote what is no better", heads, table)


def _path(
    rows: np.ndarray[tuple[int, int], np.dtype[np.float64]], random: np.random.Generator
) -> list[float]:
    """z of the first verdicts against chance, batch by batch, of labels without meaning."""
    taken = random.choice(len(rows), BATCHES * BATCH_ROWS, replace=False)
    x, y = rows[taken, :-1], random.permutation(rows[taken, -1])
    part = random.random(len(y))
    found = []
    for rows_so_far in range(BATCH_ROWS, len(y) + 1, BATCH_ROWS):
        own, so_far, of = part[:rows_so_far], x[:rows_so_far], y[:rows_so_far]
        is_train = own < 0.7
        models = [
            learner().fit(so_far[is_train], of[is_train])
            for learner in (LinearDiscriminantAnalysis, GaussianNB)
        ]
        is_validation, is_test = (own >= 0.7) & (own < 0.85), own >= 0.85
        best = min(
            models,
            key=lambda m: BINARY.losses(
                of[is_validation], BINARY.ask(m, so_far[is_validation])
            ).mean(),
        )
        answers = BINARY.ask(best, so_far[is_test])
        if not BINARY.is_enough(of[is_test]):
            found.append(0.0)
            continue
        comparison = BINARY.against_chance(of, of[is_test], answers)
        found.append(judge_first(comparison, number=1).comparison.z)
    return found


def _swapped(
    rows: np.ndarray[tuple[int, int], np.dtype[np.float64]], random: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """z of challengers that are as good as the champion: who answered is tossed per row."""
    x, y = rows[: BATCHES * BATCH_ROWS, :-1], rows[: BATCHES * BATCH_ROWS, -1]
    is_test = random.random(len(y)) >= 0.85
    first = _fit(x, y, is_test, BATCH_ROWS)
    coins = random.choice([-1.0, 1.0], (PATHS, len(y)))
    z = []
    for so_far in range(2 * BATCH_ROWS, len(y) + 1, BATCH_ROWS):
        test = np.flatnonzero(is_test[:so_far])
        later = _fit(x, y, is_test, so_far)
        ours, theirs = (BINARY.losses(y[test], a[test]) for a in (later, first))
        signed = coins[:, test] * (theirs - ours)
        z.append([Comparison("", "", 0, 0, *paired(-u, 0 * u)).z for u in signed])
    return np.array(z).T


def _fit(
    x: Answers, y: Answers, is_test: np.ndarray[tuple[int], np.dtype[np.bool_]], rows: int
) -> Answers:
    model = LinearDiscriminantAnalysis()
    model.fit(x[:rows][~is_test[:rows]], y[:rows][~is_test[:rows]])
    return BINARY.ask(model, x)


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
    "noise": noise,
    **{name: partial(poisons, name) for name in POISONED},
}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        began = time.monotonic()
        PARTS[name]()
        print(f"\n{name}: {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
