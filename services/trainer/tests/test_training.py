"""From clean batches and a champion to a judged challenger."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from relevo_bundles import Bundle
from relevo_datasets import TARGET
from relevo_datasets.splitting import TEST
from trainer.judging.champion import AliasHolder, Champion, champion_of
from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import CANDIDATES
from trainer.learning.learning_set import assemble
from trainer.learning.stages import Progress, Stages
from trainer.learning.training import Trained, train

Assign = Callable[[Sequence[Table]], Assignment]
QUICK = CANDIDATES[-1:]


def trained(
    assignment: Assignment,
    champion: Champion | None = None,
    *,
    run_id: str = "run",
    told: list[Progress] | None = None,
    everyone: bool = False,
) -> Trained:
    return train(
        assignment,
        assemble(assignment.tables),
        champion,
        run_id=run_id,
        stages=Stages((told if told is not None else []).append),
        candidates=CANDIDATES if everyone else QUICK,
    )


def champion_from(content: bytes, version: str = "1") -> Champion:
    return Champion(version, Bundle.read(content))


def test_a_first_model_meets_chance_and_is_promoted(
    assign: Assign, tables: Sequence[Table]
) -> None:
    result = trained(assign(tables))

    assert result.verdict.is_promoted
    assert result.verdict.comparison.other_auc == 0.5
    assert result.live is None


def test_the_best_candidate_on_validation_becomes_the_challenger(
    assign: Assign, tables: Sequence[Table]
) -> None:
    told: list[Progress] = []

    result = trained(assign(tables), everyone=True, told=told)

    assert len(result.trials) == 4
    assert result.challenger.trial.validation_auc == max(
        t.validation_auc for t in result.trials
    )
    fits = {p.stage for p in told if p.stage.startswith("fit ") and p.seconds is not None}
    assert fits == {f"fit {candidate.algorithm}" for candidate in CANDIDATES}


def test_the_same_batches_give_the_same_bytes(
    assign: Assign, tables: Sequence[Table]
) -> None:
    first = trained(assign(tables), everyone=True)
    second = trained(replace(assign(tables), threads=1), everyone=True)

    assert first.challenger.bundle == second.challenger.bundle
    assert [t.validation_auc for t in first.trials] == [
        t.validation_auc for t in second.trials
    ]


def test_of_another_run_only_the_name_of_the_run_differs(
    assign: Assign, tables: Sequence[Table]
) -> None:
    first, second = (
        Bundle.read(
            trained(assign(tables), run_id=run).challenger.bundle
        ).manifest.model_dump()
        for run in ("one", "two")
    )

    assert (first["lineage"].pop("run_id"), second["lineage"].pop("run_id")) == (
        "one",
        "two",
    )
    assert first == second


def test_the_champion_scores_the_new_batch_as_it_came(
    assign: Assign, tables: Sequence[Table]
) -> None:
    champion = champion_from(trained(assign(tables[:1])).challenger.bundle)

    result = trained(assign(tables), champion)

    assert result.live is not None
    assert 0.6 < result.live["roc_auc"].value < 0.95
    assert result.champion is champion


def test_a_challenger_no_better_than_the_champion_is_kept_back(
    assign: Assign, tables: Sequence[Table]
) -> None:
    champion = champion_from(trained(assign(tables)).challenger.bundle)

    result = trained(assign(tables), champion)

    assert not result.verdict.is_promoted
    assert result.verdict.comparison.difference == 0


def test_a_challenger_relieves_a_champion_that_learned_from_noise(
    assign: Assign,
    clean_frame: Callable[[int, int], pd.DataFrame],
    as_table: Callable[..., Table],
    tables: Sequence[Table],
) -> None:
    noise = clean_frame(1_500, 1)
    noise[TARGET] = np.random.default_rng(0).permutation(noise[TARGET].to_numpy())
    champion = champion_from(trained(assign([as_table(noise, 1)])).challenger.bundle)

    result = trained(assign(tables), champion)

    assert result.verdict.is_promoted
    assert result.verdict.comparison.z > 3


def test_a_challenger_that_saw_less_is_kept_back(
    assign: Assign, tables: Sequence[Table]
) -> None:
    champion = champion_from(trained(assign(tables)).challenger.bundle)

    result = trained(assign(tables[:1]), champion)

    assert not result.verdict.is_promoted
    assert "did not see diabetes130-0002" in result.verdict.reason


def test_the_bundle_says_where_it_came_from(
    assign: Assign, tables: Sequence[Table]
) -> None:
    assignment = assign(tables)
    result = trained(assignment)

    manifest = Bundle.read(result.challenger.bundle).manifest
    assert manifest.lineage.batches == assignment.batches
    assert manifest.lineage.batch_sha256 == tuple(table.sha256 for table in tables)
    assert manifest.lineage.newest_released_at == assignment.released_at
    assert manifest.metrics == result.challenger.evaluation.metrics
    assert manifest.threshold == result.challenger.evaluation.threshold
    assert result.challenger.test.size == result.learning.rows(TEST).size


@pytest.mark.parametrize("content", [None, b"no bundle"], ids=["none", "unreadable"])
def test_a_version_that_cannot_answer_is_no_champion(content: bytes | None) -> None:
    holder = AliasHolder("1", content)

    assert champion_of(holder, dataset="diabetes130", target="<30") is None


def test_a_version_with_another_target_is_no_champion(
    assign: Assign, tables: Sequence[Table]
) -> None:
    holder = AliasHolder("1", trained(assign(tables)).challenger.bundle)

    assert champion_of(holder, dataset="diabetes130", target="any") is None
    assert champion_of(holder, dataset="diabetes130", target="<30") is not None
