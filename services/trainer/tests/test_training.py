"""From clean batches and a champion to a judged challenger."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from relevo_bundles import Bundle
from relevo_contracts import PoisonError
from relevo_datasets import TARGET, Dataset, dataset_named
from relevo_datasets.splitting import TEST
from trainer.jobs.job import Choose
from trainer.judging.champion import Champion
from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import CANDIDATES, candidates_for
from trainer.learning.learning_set import LearningSet
from trainer.learning.stages import Progress, Stages
from trainer.learning.training import Trained
from trainer.learning.trials import try_all
from trainer.recording.summary import statistics_of

pytestmark = pytest.mark.slow

Assign = Callable[[Sequence[Table]], Assignment]
Learn = Callable[..., Trained]
DATASET = dataset_named("diabetes130")


def champion_from(trained: Trained, version: str = "1") -> Champion:
    return Champion.read(version, trained.challenger.bundle)


@pytest.fixture(scope="module")
def everyone(
    learn: Learn, assign: Assign, tables: Sequence[Table], few_trees: Choose
) -> tuple[Trained, list[Progress]]:
    """All candidates, and what they told."""
    told: list[Progress] = []
    candidates = few_trees(DATASET, "binary")
    return learn(assign(tables), candidates=candidates, told=told), told


def test_a_first_model_meets_chance_and_is_promoted(first: Trained) -> None:
    assert first.verdict.is_promoted
    assert first.verdict.comparison.other == 0.5
    assert first.live is None


def test_the_best_candidate_on_validation_becomes_the_challenger(
    everyone: tuple[Trained, list[Progress]],
) -> None:
    result, told = everyone

    assert len(result.trials) == 4
    assert result.challenger.trial.loss == min(t.loss for t in result.trials)
    fits = {p.stage for p in told if p.stage.startswith("fit ") and p.seconds is not None}
    assert fits == {f"fit {candidate.algorithm}" for candidate in CANDIDATES["binary"]}


def test_the_same_batches_give_the_same_bytes(
    learn: Learn,
    assign: Assign,
    tables: Sequence[Table],
    few_trees: Choose,
    everyone: tuple[Trained, list[Progress]],
) -> None:
    candidates = few_trees(DATASET, "binary")
    again = learn(replace(assign(tables), threads=1), candidates=candidates)

    assert again.challenger.bundle == everyone[0].challenger.bundle
    assert [t.figure for t in again.trials] == [t.figure for t in everyone[0].trials]


def test_of_another_run_only_the_name_of_the_run_differs(
    learn: Learn, assign: Assign, tables: Sequence[Table], both: Trained
) -> None:
    other = learn(assign(tables), run_id="other")
    one, two = (
        Bundle.read(each.challenger.bundle).manifest.model_dump() for each in (both, other)
    )

    assert (one["lineage"].pop("run_id"), two["lineage"].pop("run_id")) == ("run", "other")
    assert one == two


def test_the_champion_scores_the_new_batch_as_it_came(
    learn: Learn, assign: Assign, tables: Sequence[Table], first: Trained
) -> None:
    champion = champion_from(first)

    result = learn(assign(tables), champion)

    assert result.live is not None
    assert 0.6 < result.live.leading.value < 0.95
    assert result.live.test == champion.bundle.manifest.metrics["roc_auc"]
    assert result.champion is champion


def test_a_challenger_no_better_than_the_champion_is_kept_back(
    learn: Learn, assign: Assign, tables: Sequence[Table], both: Trained
) -> None:
    result = learn(assign(tables), champion_from(both, "4"))

    assert not result.verdict.is_promoted
    assert result.verdict.comparison.difference == pytest.approx(0, abs=1e-12)
    assert result.verdict.reason.startswith("is not better than champion v4 beyond noise")


def test_a_challenger_relieves_a_champion_that_learned_from_noise(
    learn: Learn,
    assign: Assign,
    clean_frame: Callable[[int, int], pd.DataFrame],
    as_table: Callable[..., Table],
    tables: Sequence[Table],
) -> None:
    noise = clean_frame(1_500, 1)
    noise[TARGET] = np.random.default_rng(0).permutation(noise[TARGET].to_numpy())
    champion = champion_from(learn(assign([as_table(noise, 1)])))

    result = learn(assign(tables), champion)

    assert result.verdict.is_promoted
    assert result.verdict.comparison.z > 3


def test_a_challenger_that_saw_less_is_kept_back(
    learn: Learn, assign: Assign, tables: Sequence[Table], both: Trained
) -> None:
    result = learn(assign(tables[:1]), champion_from(both))

    assert not result.verdict.is_promoted
    assert "did not see diabetes130-0002" in result.verdict.reason


def test_a_batch_that_is_lost_is_not_held_against_the_challenger_and_is_told(
    learn: Learn, assign: Assign, tables: Sequence[Table], both: Trained
) -> None:
    lost = {"diabetes130-0002": "no object 'k' in the store"}

    result = learn(replace(assign(tables[:1]), lost=lost), champion_from(both))

    reason = result.verdict.reason
    assert "did not see" not in reason
    assert reason.endswith("; without diabetes130-0002: not in the store as it was kept")
    assert statistics_of(result, {}).lost == lost
    lineage = Bundle.read(result.challenger.bundle).manifest.lineage
    assert lineage.batches == ("diabetes130-0001",)


def test_a_rejected_batch_is_not_held_against_the_challenger_either_and_is_told(
    learn: Learn, assign: Assign, tables: Sequence[Table], both: Trained
) -> None:
    left_out = {"diabetes130-0002": "rejected by ana: the labels were flipped"}

    result = learn(replace(assign(tables[:1]), left_out=left_out), champion_from(both))

    assert "did not see" not in result.verdict.reason
    assert result.verdict.reason.endswith("; without diabetes130-0002: held or rejected")


def test_the_bundle_says_where_it_came_from(
    assign: Assign, tables: Sequence[Table], both: Trained
) -> None:
    assignment = assign(tables)

    manifest = Bundle.read(both.challenger.bundle).manifest
    assert manifest.lineage.batches == assignment.batches
    assert manifest.lineage.batch_sha256 == tuple(table.sha256 for table in tables)
    assert manifest.lineage.newest_released_at == assignment.released_at
    assert manifest.metrics == both.challenger.evaluation.metrics
    assert manifest.threshold == both.challenger.evaluation.rule.threshold
    assert both.challenger.test.shape == (both.learning.rows(TEST).size, 1)


def test_settings_that_a_candidate_cannot_be_fitted_with_are_told(
    learning: LearningSet,
) -> None:
    def declaring(settings: dict[str, object]) -> Dataset:
        return replace(DATASET, candidates={"lightgbm": settings})  # type: ignore[dict-item]

    wrong = replace(learning, dataset=declaring({"num_leaves": 0}))
    lightgbm = candidates_for(wrong.dataset, "binary")[1:2]

    with pytest.raises(PoisonError, match="lightgbm cannot be fitted with the settings"):
        try_all(lightgbm, wrong, 1, Stages(lambda _: None))
