"""Real models to serve: the trainer's own candidates, fitted on the shipped batches."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.learning import DATASET, OUR_SALT, assignment_of, read_batches, split
from relevo_bundles import Bundle
from relevo_contracts.manifest import Golden
from trainer.learning.assignment import Table
from trainer.learning.candidates import Candidate, candidates_for
from trainer.learning.challenger import make_challenger
from trainer.learning.learning_set import assemble
from trainer.learning.stages import Stages
from trainer.learning.trials import try_all

TASK = DATASET.default_target.task
FOREST_TREES = 20
"""Enough to be the largest of the models, and few enough to be fitted soon."""


def train_models(batches: int) -> list[bytes]:
    """Bundles of every candidate after each of the first batches."""
    tables = split(read_batches(batches), OUR_SALT)
    candidates = [_small(each) for each in candidates_for(DATASET, TASK)]
    return [
        bundle
        for count in range(1, batches + 1)
        for bundle in _bundles(tables[:count], candidates)
    ]


def train_model(algorithm: str) -> bytes:
    """The bundle of one candidate after the first batch."""
    candidates = [c for c in candidates_for(DATASET, TASK) if c.algorithm == algorithm]
    [bundle] = _bundles(split(read_batches(1), OUR_SALT), candidates)
    return bundle


def _small(candidate: Candidate) -> Candidate:
    if candidate.algorithm != "random_forest":
        return candidate
    return replace(
        candidate, parameters={**candidate.parameters, "n_estimators": FOREST_TREES}
    )


def _bundles(tables: Sequence[Table], candidates: Sequence[Candidate]) -> Iterator[bytes]:
    assignment = assignment_of(tables)
    stages = Stages(lambda _: None)
    learning = assemble(assignment.tables)
    for trial in try_all(candidates, learning, assignment.threads, stages):
        yield make_challenger(
            trial, assignment, learning, run_id="benchmark", stages=stages
        ).bundle


def answers(bundle: Bundle, rows: Sequence[Golden]) -> list[float]:
    """What the model answers to the rows: whoever names it must answer the same."""
    columns = {name: [each.row[name] for each in rows] for name in rows[0].row}
    return [float(answer) for answer in bundle.answers(columns)[:, 0]]
