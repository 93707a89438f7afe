"""The candidates are tried: each is fitted on train rows and scored on validation rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from relevo_datasets.splitting import TRAIN, VALIDATION
from trainer.candidates import Candidate, Estimator, probabilities
from trainer.delong import Numbers
from trainer.encoding import Encoding, Matrix, finer_derivations, learn_encoding
from trainer.learning_set import LearningSet
from trainer.stages import Stages


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
    """Every candidate on the same rows, encoded once.

    Raises ValueError when there is none.
    """
    train_rows = learning.rows(TRAIN)
    with stages.stage("encode"):
        whole = learn_encoding(learning.derived.iloc[train_rows], learning.dataset)
        coarse = whole.without(finer_derivations(learning.dataset))
        full = whole.matrix(learning.derived)
        small = np.ascontiguousarray(full[:, coarse.places_in(whole)])
    return tuple(
        _try(
            candidate,
            whole if candidate.takes_finer else coarse,
            full if candidate.takes_finer else small,
            learning,
            threads,
            stages,
        )
        for candidate in candidates
    )


def _try(
    candidate: Candidate,
    encoding: Encoding,
    matrix: Matrix,
    learning: LearningSet,
    threads: int,
    stages: Stages,
) -> Trial:
    rows, validation = learning.rows(TRAIN), learning.rows(VALIDATION)
    name = f"fit {candidate.algorithm}"
    with stages.stage(name) as found:
        estimator = candidate.fit(encoding, matrix[rows], learning.y[rows], threads=threads)
        scores = probabilities(estimator, matrix[validation])
        auc = float(roc_auc_score(learning.y[validation], scores))
        found["validation_auc"] = auc
    return Trial(candidate, encoding, estimator, stages.seconds[name], scores, auc)
