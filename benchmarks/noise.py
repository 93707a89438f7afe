"""How often a stream in which there is nothing to learn promotes something."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB

from benchmarks.tables import print_table
from relevo_datasets import TARGET
from trainer.judging.comparison import Answers, Comparison, paired
from trainer.judging.spending import needed_z
from trainer.judging.tasks import TASKS
from trainer.judging.verdict import judge_first

SEED = 16
PATHS, BATCHES, BATCH_ROWS = 240, 50, 400
LOOKS = (7, 20, 50)
OLD_Z = 1.645
NUMBERS = ("number_inpatient", "number_emergency", "time_in_hospital", "num_medications")
BINARY = TASKS["binary"]


def noise(batches: Sequence[pd.DataFrame]) -> None:
    """Labels dealt at random: how many streams ever promote something, and how soon.

    batches: clean ones of diabetes130.
    """
    rows = pd.concat(batches)[[*NUMBERS, TARGET]].to_numpy(np.float64)
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
