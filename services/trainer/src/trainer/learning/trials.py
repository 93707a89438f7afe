"""The candidates are tried: each is fitted on train rows and scored on validation rows."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from lightgbm.basic import LightGBMError

from relevo_contracts import PoisonError
from relevo_datasets.splitting import TRAIN, VALIDATION
from trainer.judging.comparison import Answers
from trainer.learning.candidates import Candidate
from trainer.learning.encoding import Encoding, Matrix, finer_derivations, learn_encoding
from trainer.learning.fitting import answers_of, limited
from trainer.learning.learning_set import LearningSet
from trainer.learning.serving import Estimator
from trainer.learning.stages import Stages


@dataclass(frozen=True)
class Trial:
    """One candidate, fitted; `validation` are its answers to the validation rows.

    figure: the task's leading one on them. loss: the mean of theirs, by which candidates
    are chosen: it is what the winner's verdict rests on.
    """

    candidate: Candidate
    encoding: Encoding
    estimator: Estimator
    seconds: float
    validation: Answers
    figure: float
    loss: float


def try_all(
    candidates: Sequence[Candidate], learning: LearningSet, threads: int, stages: Stages
) -> tuple[Trial, ...]:
    """Every candidate on the same rows, encoded once, several at a time.

    Candidates side by side use the cores better than each on all of them in turn.
    Raises PoisonError for settings of the dataset's with which a candidate cannot be
    fitted.
    """
    rows = learning.rows(TRAIN)
    with stages.stage("encode"):
        whole = learn_encoding(learning.derived.iloc[rows], learning.dataset)
        coarse = whole.without(finer_derivations(learning.dataset))
        matrix = whole.matrix(learning.derived)
        matrices = {
            True: (whole, matrix),
            False: (coarse, np.ascontiguousarray(matrix[:, coarse.places_in(whole)])),
        }
    workers = min(threads, len(candidates))
    with (
        stages.stage("fit"),
        limited(threads // workers),
        ThreadPoolExecutor(workers) as pool,
    ):
        fits = [
            pool.submit(
                _fit, each, *matrices[each.takes_finer], learning, threads // workers
            )
            for each in candidates
        ]
        return tuple(
            _score(candidate, *matrices[candidate.takes_finer], learning, fit, stages)
            for candidate, fit in zip(candidates, fits, strict=True)
        )


def _fit(
    candidate: Candidate,
    encoding: Encoding,
    matrix: Matrix,
    learning: LearningSet,
    threads: int,
) -> tuple[Estimator, float]:
    """The estimator, and the seconds that it took."""
    rows = learning.rows(TRAIN)
    began = time.monotonic()
    try:
        estimator = candidate.fit(encoding, matrix[rows], learning.y[rows], threads=threads)
    except (ValueError, TypeError, LightGBMError) as error:
        if candidate.algorithm not in learning.dataset.candidates:
            raise
        raise PoisonError(
            f"{candidate.algorithm} cannot be fitted with the settings that"
            f" {learning.dataset.name} declares: {error}"
        ) from error
    return estimator, time.monotonic() - began


def _score(
    candidate: Candidate,
    encoding: Encoding,
    matrix: Matrix,
    learning: LearningSet,
    fit: Future[tuple[Estimator, float]],
    stages: Stages,
) -> Trial:
    estimator, seconds = fit.result()
    rows, task = learning.rows(VALIDATION), learning.task
    answers = answers_of(task, estimator, matrix[rows])
    figure = task.leading(learning.y[rows], answers).value
    loss = float(task.losses(learning.y[rows], answers).mean())
    stages.tell_of(
        f"fit {candidate.algorithm}",
        seconds,
        {"figure": task.FIGURE, "validation": figure},
    )
    return Trial(candidate, encoding, estimator, round(seconds, 3), answers, figure, loss)
