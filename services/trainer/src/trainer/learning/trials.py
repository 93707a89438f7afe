"""The candidates are tried: each is fitted on train rows and scored on validation rows."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from relevo_datasets.splitting import TRAIN, VALIDATION
from trainer.judging.delong import Numbers
from trainer.learning.candidates import Candidate, Estimator, limited, probabilities
from trainer.learning.encoding import Encoding, Matrix, finer_derivations, learn_encoding
from trainer.learning.learning_set import LearningSet
from trainer.learning.stages import Stages


@dataclass(frozen=True)
class Trial:
    """One candidate, fitted; `validation` are its probabilities of the validation rows."""

    candidate: Candidate
    encoding: Encoding
    estimator: Estimator
    seconds: float
    validation: Numbers
    validation_auc: float


def try_all(
    candidates: Sequence[Candidate], learning: LearningSet, threads: int, stages: Stages
) -> tuple[Trial, ...]:
    """Every candidate on the same rows, encoded once, several at a time.

    Candidates side by side use the cores better than each on all of them in turn.
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
    estimator = candidate.fit(encoding, matrix[rows], learning.y[rows], threads=threads)
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
    validation = learning.rows(VALIDATION)
    scores = probabilities(estimator, matrix[validation])
    auc = float(roc_auc_score(learning.y[validation], scores))
    stages.tell_of(f"fit {candidate.algorithm}", seconds, {"validation_auc": auc})
    return Trial(candidate, encoding, estimator, round(seconds, 3), scores, auc)
