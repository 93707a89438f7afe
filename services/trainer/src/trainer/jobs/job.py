"""The job: an assignment becomes a registered version with a verdict, once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from relevo_contracts import PoisonError, Task
from relevo_datasets import Dataset, DeclarationError
from trainer.jobs.code_version import declaration_version
from trainer.jobs.outlasting import outlasting
from trainer.judging.champion import champion_of
from trainer.judging.live import oddity
from trainer.judging.verdict import withheld
from trainer.learning.assignment import Assignment
from trainer.learning.candidates import Candidate, candidates_for
from trainer.learning.learning_set import assemble, dataset_of
from trainer.learning.settable import check_candidates
from trainer.learning.stages import Stages, Tell
from trainer.learning.training import live_of, train
from trainer.recording.registered import HeldBatch, Registered
from trainer.recording.tracking import Tracking

Choose = Callable[[Dataset, Task], Sequence[Candidate]]
"""The candidates that are tried for a task."""


def do(
    assignment: Assignment,
    tracking: Tracking,
    tell: Tell,
    choose: Choose = candidates_for,
) -> Registered | HeldBatch:
    """Learn from the batches and register what came of it; or hold the newest one.

    The version with its verdict comes into being in one step. A job that was killed
    before that step is done anew, one that was killed after it only concluded.
    Raises OutageError while MLflow is away before anything is fitted, and afterwards waits
    until it is back; PoisonError for batches that teach nothing and for a dataset whose
    declaration cannot be followed.
    """
    stages = Stages(tell)
    dataset = dataset_of(assignment.tables[-1])
    try:
        check_candidates(dataset)
    except DeclarationError as error:
        raise PoisonError(str(error)) from error
    assignment = replace(assignment, declaration=declaration_version(dataset))
    with stages.stage("look"):
        registered = tracking.resume(assignment)
    if registered is None:
        made = _register(assignment, tracking, stages, choose)
        if isinstance(made, HeldBatch):
            return made
        registered = made
    with stages.stage("conclude"):
        return outlasting(lambda: tracking.conclude(registered), stages)


def _register(
    assignment: Assignment, tracking: Tracking, stages: Stages, choose: Choose
) -> Registered | HeldBatch:
    with tracking.run(assignment) as run_id:
        with stages.stage("load") as found:
            learning = assemble(assignment.tables)
            candidates = choose(learning.dataset, learning.target.task)
            found["rows"] = len(learning.frame)
            holder = tracking.on_duty(assignment.model)
            held = tracking.held(assignment.model)
            duty = champion_of(
                holder,
                assignment.promoted,
                dataset=learning.dataset.name,
                target=learning.target,
                features=learning.dataset.features,
            )
        live = live_of(duty.champion, learning, stages)
        odd = live and oddity(live)
        if live and odd and not assignment.is_released:
            with stages.stage("hold"):
                return tracking.hold_batch(
                    assignment, live, odd, run_id=run_id, seconds=dict(stages.seconds)
                )
        trained = train(
            assignment,
            learning,
            duty,
            run_id=run_id,
            stages=stages,
            candidates=candidates,
            live=live,
        )
        if held:
            verdict = withheld(trained.verdict, str(held))
            trained = replace(trained, verdict=verdict)
        with stages.stage("register"):
            register = partial(
                tracking.register,
                assignment,
                trained,
                run_id=run_id,
                relieves=holder.version if holder else None,
                seconds=dict(stages.seconds),
            )
            return outlasting(register, stages)
