"""What a run says: its tags, parameters, metrics and inputs, as MLflow's entities."""

import json
import math
import time
from collections.abc import Mapping

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

from relevo_contracts.registry_tags import Tag
from relevo_contracts.results import Verdict
from relevo_datasets.splitting import SPLITS, TEST, VALIDATION
from trainer.judging.intervals import as_numbers
from trainer.judging.live import Live
from trainer.judging.rule import Rule
from trainer.learning.assignment import Assignment, Table
from trainer.learning.learning_set import LearningSet
from trainer.learning.training import Trained
from trainer.learning.trials import Trial

PARENT = "mlflow.parentRunId"
DIGEST_LENGTH = 36
"""MLflow takes no longer digest."""


def opening_tags(assignment: Assignment) -> dict[str, str]:
    """What is known of a run before anything is learned."""
    return {
        Tag.RUN_KEY: assignment.run_key,
        Tag.BATCH_ID: assignment.batch_id,
        Tag.BATCHES: json.dumps(assignment.batches),
        Tag.CODE_VERSION: assignment.code_version,
    }


def closing_tags(trained: Trained) -> list[RunTag]:
    """The verdict in words, and how sure it had to be."""
    verdict = trained.verdict
    word = Verdict.PROMOTED if verdict.is_promoted else Verdict.KEPT
    return [
        *verdict_tags(word, verdict.reason),
        RunTag(Tag.VERDICT_NUMBER, str(verdict.number)),
        RunTag(Tag.LEVEL, f"{verdict.level:.6f}"),
    ]


def verdict_tags(verdict: Verdict, reason: str) -> list[RunTag]:
    """What became of the newest batch, and why."""
    tags = {
        Tag.VERDICT: verdict.value,
        Tag.REASON: reason,
        "mlflow.note.content": f"**{verdict}**: {reason}",
    }
    return [RunTag(key, value) for key, value in tags.items()]


def parameters(assignment: Assignment, trained: Trained) -> list[Param]:
    """What the winner is and how it came to be."""
    learning, winner = trained.learning, trained.challenger.trial
    values = {
        "algorithm": winner.candidate.algorithm,
        **winner.candidate.parameters,
        "target": learning.target.name,
        "task": learning.target.task,
        "threads": assignment.threads,
        "inputs": len(winner.encoding.columns),
    }
    return [Param(key, str(value)) for key, value in values.items()]


def metrics(trained: Trained, seconds: Mapping[str, float]) -> list[Metric]:
    """The figures of challenger and champion, the test between them, and the seconds."""
    comparison, evaluation = trained.verdict.comparison, trained.challenger.evaluation
    learning, figure = trained.learning, evaluation.figure
    values = {
        **as_numbers(evaluation.metrics, "test_"),
        f"validation_{figure}": trained.challenger.trial.figure,
        **_of_rule(evaluation.rule),
        **{f"test_{name}": rate for name, rate in evaluation.rates.items()},
        "verdict_difference": comparison.difference,
        "verdict_standard_error": comparison.standard_error,
        "verdict_z": comparison.z,
        "verdict_p": comparison.p,
        "verdict_number": float(trained.verdict.number),
        "verdict_level": trained.verdict.level,
        "verdict_needed_z": trained.verdict.needed_z,
        "verdict_promoted": float(trained.verdict.is_promoted),
        **{f"rows_{split}": float(learning.rows(split).size) for split in SPLITS},
        **{f"seconds_{_name(stage)}": value for stage, value in seconds.items()},
        **{
            f"slice_{_name(each.feature)}_{_name(each.value)}_{figure}": each.figure.value
            for each in evaluation.slices
        },
    }
    if trained.champion_test is not None:
        y = learning.y[learning.rows(TEST)]
        champion = learning.task.figures(y, trained.champion_test)
        values |= as_numbers(champion, "champion_test_")
    if trained.live is not None:
        values |= _of_live(trained.live)
    return _entities(values)


def live_metrics(live: Live) -> list[Metric]:
    """The champion on the newest batch."""
    return _entities(_of_live(live))


def candidate_tags(assignment: Assignment, parent: str) -> dict[str, str]:
    """Of a candidate's own run, below the batch's."""
    return {
        PARENT: parent,
        Tag.RUN_KEY: assignment.run_key,
        Tag.BATCH_ID: assignment.batch_id,
    }


def candidate_parameters(trial: Trial) -> list[Param]:
    """The candidate's settings."""
    values = {"algorithm": trial.candidate.algorithm, **trial.candidate.parameters}
    return [Param(key, str(value)) for key, value in values.items()]


def candidate_metrics(trial: Trial, learning: LearningSet) -> list[Metric]:
    """Its figures on the validation rows."""
    y = learning.y[learning.rows(VALIDATION)]
    values = as_numbers(learning.task.figures(y, trial.validation), "validation_")
    return _entities(values | {"seconds": trial.seconds})


def dataset_inputs(assignment: Assignment) -> list[DatasetInput]:
    """The clean batches, by their hashes."""
    return [
        DatasetInput(_dataset(table), [InputTag("mlflow.data.context", "training")])
        for table in assignment.tables
    ]


def _dataset(table: Table) -> Dataset:
    source = json.dumps({"key": table.key, "sha256": table.sha256})
    return Dataset(table.batch_id, table.sha256[:DIGEST_LENGTH], "relevo", source)


def _of_live(live: Live) -> dict[str, float]:
    values = as_numbers(live.figures, "live_") | {"live_loss": live.loss}
    values |= {} if live.z is None else {"live_z": live.z}
    if (place := live.furthest) is not None:
        values |= {
            "live_ece": live.ece,
            "live_share_came": live.came[place],
            "live_share_said": live.said[place],
        }
    return values


def _of_rule(rule: Rule) -> dict[str, float]:
    values = {} if rule.threshold is None else {"threshold": rule.threshold}
    if rule.residuals is not None:
        values |= zip(("interval_low", "interval_high"), rule.residuals, strict=True)
    return values


def _entities(values: Mapping[str, float]) -> list[Metric]:
    """MLflow's JSON has no infinity: such a value is left out."""
    now = int(time.time() * 1000)
    return [Metric(k, v, now, 0) for k, v in values.items() if math.isfinite(v)]


def _name(text: str) -> str:
    """As MLflow takes it in a metric's name."""
    return "".join(sign if sign.isalnum() else "_" for sign in text).strip("_")
