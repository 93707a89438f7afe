"""Every notebook runs to its end on a live platform, and what it shows is so."""

import pytest

from relevo_contracts.results import Stage
from relevo_contracts.statistics import CleanStatistics
from tests.notebooks.conftest import BATCHES
from tests.notebooks.executing import executed
from tests.pipeline.reaching import MODEL
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
def _found_by_its_state(platform: RunningPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVO_STATE", str(platform.state))


async def test_the_batches_are_shown_as_the_cleaner_counted_them(
    platform: RunningPlatform,
) -> None:
    results = await platform.results(Stage.CLEAN)
    counted = [CleanStatistics.read(result.statistics) for result in results]

    with executed("1-batches.ipynb") as notebook:
        assert notebook.value("len(rows)") == sum(each.rows or 0 for each in results)
        assert notebook.value("most_splits") == 1
        rates = notebook.value("rates.iloc[:, -1].tolist()")
        assert rates == pytest.approx([each.target_rate for each in counted])
        assert notebook.value("aside['quarantined'].tolist()") == [
            each.rows_quarantined for each in counted
        ]


def test_a_promotion_is_explained_by_the_figures_that_the_pods_tell(
    platform: RunningPlatform,
) -> None:
    told = platform.client.get(f"{platform.addresses.inference[0]}/model-info").json()

    with executed("2-promotion.ipynb") as notebook:
        assert notebook.value("str(champion.version)") == told["model_version"]
        assert notebook.value("len(verdicts)") == BATCHES
        shown = notebook.value("figures.loc['ROC-AUC', ['value', 'low', 'high']].to_dict()")
        assert shown == pytest.approx(told["metrics"]["roc_auc"])
        assert notebook.value("len(candidates)") == 4
        assert notebook.value("candidates.iloc[0].candidate") == told["algorithm"]


async def test_a_model_of_ones_own_answers_on_every_pod_and_goes_again(
    platform: RunningPlatform,
) -> None:
    before, history = platform.versions(), await platform.promotions()

    with executed("3-own-model.ipynb") as notebook:
        version = notebook.value("str(version.version)")
        assert notebook.value("served['model_version'].tolist()") == [version] * len(before)
        probabilities = notebook.value("served['probability'].tolist()")
        expected = notebook.value("expected")
        assert probabilities == pytest.approx([expected] * len(before), abs=1e-6)
        assert notebook.value("worst") <= 1e-6
        assert 0.6 < notebook.value("compared.loc['ours', 'value']") < 0.75

    assert platform.versions() == before
    new = (await platform.promotions())[len(history) :]
    assert [(each.model_version, each.moved_by) for each in new] == [
        (version, "person"),
        (before[0], "rollback"),
    ]


def test_drift_is_told_from_chance(platform: RunningPlatform) -> None:
    with executed("4-drift.ipynb") as notebook:
        assert notebook.value("name") == MODEL
        learned = "rows[rows['was_learned'] & (rows[SPLIT] == 'train')]"
        assert notebook.value(f"drift_of({learned}).max()") == pytest.approx(0, abs=1e-6)
        assert notebook.value("null['above'].mean()") < 0.2
        assert "medical_specialty" in notebook.value("drift.index[:3].tolist()")
        assert notebook.value("drift.iloc[0].max()") > 0.25
