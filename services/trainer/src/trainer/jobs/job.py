"""The job: an assignment becomes a registered version with a verdict, once."""

from collections.abc import Sequence

from trainer.judging.champion import champion_of
from trainer.learning.assignment import Assignment
from trainer.learning.candidates import CANDIDATES, Candidate
from trainer.learning.learning_set import assemble
from trainer.learning.stages import Stages, Tell
from trainer.learning.training import train
from trainer.recording.registered import Registered
from trainer.recording.tracking import Tracking


def do(
    assignment: Assignment,
    tracking: Tracking,
    tell: Tell,
    candidates: Sequence[Candidate] = CANDIDATES,
) -> Registered:
    """Learn from the batches and register what came of it.

    The version with its verdict comes into being in one step. A job that was killed
    before that step is done anew, one that was killed after it only concluded.
    Raises OutageError while MLflow is away, PoisonError for batches that teach nothing.
    """
    stages = Stages(tell)
    with stages.stage("look"):
        registered = tracking.resume(assignment)
    if registered is None:
        registered = _register(assignment, tracking, stages, candidates)
    with stages.stage("conclude"):
        tracking.conclude(registered)
    return registered


def _register(
    assignment: Assignment,
    tracking: Tracking,
    stages: Stages,
    candidates: Sequence[Candidate],
) -> Registered:
    with tracking.run(assignment) as run_id:
        with stages.stage("load") as found:
            learning = assemble(assignment.tables)
            found["rows"] = len(learning.frame)
            holder = tracking.on_duty(assignment.model)
            champion = champion_of(
                holder, dataset=learning.dataset.name, target=learning.target
            )
        trained = train(
            assignment,
            learning,
            champion,
            run_id=run_id,
            stages=stages,
            candidates=candidates,
        )
        with stages.stage("register"):
            return tracking.register(
                assignment,
                trained,
                run_id=run_id,
                relieves=holder.version if holder else None,
                seconds=dict(stages.seconds),
            )
