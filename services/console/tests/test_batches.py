"""Batches: figures over all, one with its quality and drift, and what is away is said."""

import httpx
import pytest

from console.pages.columns import columns_of
from console.reading.drift import Bin, compared, fewer
from relevo_contracts.manifest import Reference
from relevo_storage.fakes import MemoryStore
from relevo_story.telling.samples import batch_id

AGE = Reference(
    rows=100, missing=0, unknown=0, counts=(50, 50), edges=(40.0,), psi_noise=0.01
)


async def test_all_batches_are_told_with_their_figures(reader: httpx.AsyncClient) -> None:
    page = (await reader.get("/batches")).text

    assert f'/relevo/batches/{batch_id(2)}">2</a>' in page
    assert "25.0 %" in page
    assert 'aria-label="target rate by batch: 25.0 % to 25.0 %, newest 25.0 %"' in page
    assert "20.0 %" in page.partition("Missing values and unknown words")[2]


async def test_one_batch_is_told_with_its_quality_and_what_others_wrote_is_text(
    reader: httpx.AsyncClient,
) -> None:
    page = (await reader.get(f"/batches/{batch_id(1)}")).text

    assert "1 outside: gone" in page
    assert "&lt;i&gt;x&lt;/i&gt;" in page
    assert "&lt;i&gt;y&lt;/i&gt;" in page
    assert "<i>" not in page
    assert "lightgbm is reason 1; promoted as version 1" in page
    assert "http://mlflow/#/models/diabetes130/versions/1" in page


async def test_a_batch_that_nobody_told_of_is_not_there(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/batches/<i>")

    assert answer.status_code == 404
    assert "<i>" not in answer.text


async def test_while_the_store_is_away_the_rest_is_told(
    store: MemoryStore, reader: httpx.AsyncClient
) -> None:
    store.away = True

    page = await reader.get(f"/batches/{batch_id(1)}")
    drift = await reader.get(f"/parts/batches/{batch_id(1)}/drift")

    assert page.status_code == 200
    assert "report cannot be read now: the object store does not work" in page.text
    assert "drift cannot be told now: the object store does not work" in drift.text


@pytest.mark.slow
async def test_a_batch_is_compared_with_the_champion_s_reference_and_remembered(
    store: MemoryStore, reader: httpx.AsyncClient
) -> None:
    first = (await reader.get(f"/parts/batches/{batch_id(2)}/drift")).text
    store.away = True
    again = (await reader.get(f"/parts/batches/{batch_id(2)}/drift")).text

    assert again == first
    assert "1 of 2 columns differ by more than chance: 1 largely" in first
    assert "over 3 33.3 % → 100.0 %" in first
    assert first.index("visits") < first.index("insulin")


@pytest.mark.slow
async def test_the_drift_of_all_batches_stands_side_by_side(
    reader: httpx.AsyncClient,
) -> None:
    page = (await reader.get("/parts/batches/drift?dataset=diabetes130")).text

    assert "the champion, version" in page
    assert page.count("grade-large") == 1
    assert page.index("visits") < page.index("insulin")


@pytest.mark.slow
async def test_what_was_put_aside_comes_as_csv(reader: httpx.AsyncClient) -> None:
    answer = await reader.get(f"/batches/{batch_id(1)}/quarantine.csv")

    assert answer.text == '"age"\n"<i>x</i>"\n'
    assert (
        'filename="diabetes130-0001-quarantine.csv"'
        in answer.headers["content-disposition"]
    )


def test_a_shift_is_called_by_its_size_and_by_its_noise() -> None:
    def grade(young: int) -> str:
        values = {"age": [(30, young), (50, 100 - young)]}
        return compared({"age": AGE}, [], values, 100).features[0].grade

    assert [grade(young) for young in (51, 60, 70, 90)] == [
        "noise",
        "small",
        "moderate",
        "large",
    ]


def test_words_of_few_rows_are_drawn_together() -> None:
    bins = [Bin(label=f"w{n}", reference=n / 210, batch=n / 210) for n in range(21)]

    drawn = fewer(bins)

    assert [each.label for each in drawn[:2]] == ["w10", "w11"]
    assert drawn[-1].label == "10 others"
    assert sum(each.batch for each in drawn) == pytest.approx(1)


def test_a_figure_that_one_batch_lacks_leaves_a_gap() -> None:
    chart = columns_of("x", [("1", 1.0), ("2", None), ("3", 4.0)], str)

    assert chart is not None
    assert [bar.height for bar in chart.bars] == [7.5, 30.0]
    assert columns_of("x", [("1", None)], str) is None
