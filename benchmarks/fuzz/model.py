"""A real model to fuzz: the trainer's own LightGBM, fitted on the first shipped batch."""

from os import cpu_count

from benchmarks.learning import DATASET, NOW, OUR_SALT, read_batches, split
from trainer.assignment import Assignment
from trainer.candidates import CANDIDATES
from trainer.challenger import make_challenger
from trainer.learning_set import assemble
from trainer.stages import Stages
from trainer.trials import try_all


def fitted_bundle() -> bytes:
    """Its serving bundle."""
    tables = split(read_batches()[:1], OUR_SALT)
    assignment = Assignment(
        dataset=DATASET.name,
        batch_id=tables[-1].batch_id,
        tables=tables,
        released_at=NOW,
        cleaned_at=NOW,
        code_version="benchmark",
        threads=cpu_count() or 1,
    )
    stages = Stages(lambda _: None)
    learning = assemble(assignment.tables)
    candidates = [each for each in CANDIDATES if each.algorithm == "lightgbm"]
    [trial] = try_all(candidates, learning, assignment.threads, stages)
    made = make_challenger(trial, assignment, learning, run_id="benchmark", stages=stages)
    return made.bundle
