"""What the train rows had in each feature, and what two samples differ by chance."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relevo_contracts import Feature
from relevo_contracts.manifest import Reference
from relevo_datasets import GROUP, Dataset, clean, dataset_named
from relevo_features import counted, kind_of, stability_index
from trainer.learning.reference import MOST_WORDS, learn_reference

AREA = Feature(name="x", kind="number", raw_name="x", description="")
WORD = AREA.model_copy(update={"kind": "category", "categories": ("a", "b")})
SAMPLES = 10
SHIPPED_BATCHES = 2


def reference_of(
    values: Sequence[Any], feature: Feature, groups: list[str] | None = None
) -> Reference:
    dtype = kind_of(feature).dtype(feature)
    column = pd.Series(values, dtype=dtype)
    names = groups or [str(place) for place in range(len(values))]
    frame = pd.DataFrame({"x": column, GROUP: pd.Series(names, dtype="str")})
    return learn_reference(frame, [feature], batch_rows=100)["x"]


def test_a_quantity_has_bins_of_like_size() -> None:
    found = reference_of([float(number) for number in range(100)] + [None], AREA)

    assert found.edges == tuple(float(tenth * 10 - 1) for tenth in range(1, 10))
    assert set(found.counts) == {10}
    assert (found.rows, found.missing, found.words) == (101, 1, None)


def test_a_value_on_an_edge_belongs_to_the_bin_below() -> None:
    found = reference_of([0.0] * 90 + [1.0] * 9 + [7.0], AREA)

    assert found.edges == (0.0,)
    assert found.counts == (90, 10)


@pytest.mark.parametrize("values", [[3.0] * 5, [None] * 5])
def test_a_quantity_without_any_spread_is_one_bin(values: list[object]) -> None:
    found = reference_of(values, AREA)

    assert found.edges == ()
    assert sum(found.counts) + found.missing == 5
    assert found.psi_noise > 0


def test_words_are_counted_the_frequent_ones_each_the_others_together() -> None:
    rare = [f"rare {number:02d}" for number in range(MOST_WORDS)]

    found = reference_of(["b"] * 3 + ["a"] * 5 + rare + [None], WORD)

    assert found.words is not None
    assert found.words[:3] == ("a", "b", "rare 00")
    assert len(found.words) == MOST_WORDS
    assert found.counts[:2] == (5, 3)
    assert found.counts[-1] == 2
    assert (found.missing, found.unknown) == (1, MOST_WORDS)


def test_booleans_are_words() -> None:
    kind = AREA.model_copy(update={"kind": "boolean"})

    found = reference_of([True, True, False], kind)

    assert (found.words, found.counts) == (("true", "false"), (2, 1, 0))


def test_rows_of_one_group_that_are_alike_make_the_noise_larger() -> None:
    values = ["a", "a", "b", "b"] * 50
    in_pairs = [str(place // 2) for place in range(200)]

    alone = reference_of(values, WORD).psi_noise

    assert reference_of(values, WORD, in_pairs).psi_noise == pytest.approx(2 * alone)


def index_of(found: Reference, batch: pd.Series) -> float:
    """How far the batch is, as whoever shows it computes it."""
    values: list[Any] = [*batch.dropna().value_counts().items(), (None, batch.isna().sum())]
    return stability_index(found, counted(found, values))


@pytest.fixture(scope="module")
def shipped() -> pd.DataFrame:
    """The first shipped batches of diabetes130, clean."""
    dataset = dataset_named("diabetes130")
    folder = files("data_api") / "data" / dataset.name
    frames = []
    for number in range(1, SHIPPED_BATCHES + 1):
        with (folder / f"batch-{number:04d}.parquet").open("rb") as file:
            frames.append(clean(dataset, pd.read_parquet(file), "<30").frame)
    return pd.concat(frames, ignore_index=True)


@pytest.mark.slow
def test_of_batches_of_patients_at_random_few_are_above_the_noise(
    shipped: pd.DataFrame,
) -> None:
    dataset: Dataset = dataset_named("diabetes130")
    above = dict.fromkeys((feature.name for feature in dataset.features), 0)
    largest = 0.0
    patients = shipped[GROUP].unique()
    for seed in range(SAMPLES):
        chance = np.random.default_rng(seed).random(len(patients))
        dealt = shipped[GROUP].map(dict(zip(patients, chance, strict=True)))
        batch, train = shipped[dealt < 0.3], shipped[dealt >= 0.3]
        found = learn_reference(train, dataset.features, batch_rows=len(batch))
        for name, reference in found.items():
            index = index_of(reference, batch[name])
            above[name] += index > reference.psi_noise
            largest = max(largest, reference.psi_noise)

    assert sum(above.values()) / (SAMPLES * len(above)) < 0.05
    assert max(above.values()) <= SAMPLES / 3
    assert 0.001 < largest < 0.03


def test_what_drifts_is_far_above_the_noise(shipped: pd.DataFrame) -> None:
    dataset = dataset_named("diabetes130")
    half = len(shipped) // SHIPPED_BATCHES
    train, batch = shipped[:half], shipped[half:]

    found = learn_reference(train, dataset.features, batch_rows=len(batch))

    for name in ("medical_specialty", "admission_source_id"):
        assert index_of(found[name], batch[name]) > 3 * found[name].psi_noise
