"""One encoding for learning, for people and for serving."""

import numpy as np
import pandas as pd
import pytest

from relevo_bundles.encoding import Encoder
from relevo_datasets import dataset_named
from relevo_datasets.derived import derive
from relevo_datasets.splitting import TRAIN
from trainer.learning.bundling import columns_of
from trainer.learning.encoding import (
    FEWEST_ROWS,
    Encoding,
    finer_derivations,
    learn_encoding,
)
from trainer.learning.learning_set import LearningSet

DATASET = dataset_named("diabetes130")


@pytest.fixture(scope="module")
def encoding(learning: LearningSet) -> Encoding:
    return learn_encoding(learning.derived.iloc[learning.rows(TRAIN)], DATASET)


@pytest.fixture
def odd_rows(learning: LearningSet) -> pd.DataFrame:
    """Rows with words that were never seen, rare ones and none at all."""
    rows = learning.frame.head(50).copy()
    rows.loc[0, "race"] = "Martian"
    rows.loc[1, "diag_1"] = "999.9"
    rows.loc[2, "diag_1"] = "V99"
    rows.loc[3, ["race", "gender", "payer_code", "diag_2", "admission_type_id"]] = None
    rows.loc[4, "discharge_disposition_id"] = "30"
    return rows


def test_people_and_serving_get_the_matrix_that_was_learned_from(
    encoding: Encoding, odd_rows: pd.DataFrame
) -> None:
    derived = derive(odd_rows, DATASET.meaning)
    matrix = encoding.matrix(derived)

    by_people = encoding.step(derived.head(1)).transform(derived)
    serving = Encoder([column.as_input() for column in encoding.columns])

    np.testing.assert_array_equal(by_people, matrix)
    np.testing.assert_array_equal(
        serving.encode(columns_of(odd_rows, DATASET.features)), matrix
    )


def test_a_word_without_a_code_is_not_a_number(
    encoding: Encoding, odd_rows: pd.DataFrame
) -> None:
    race = [column.name for column in encoding.columns].index("race")
    matrix = encoding.matrix(derive(odd_rows, DATASET.meaning))

    assert np.isnan(matrix[[0, 3], race]).all()
    assert np.isfinite(matrix[5:, race]).mean() > 0.8


def test_only_frequent_words_have_a_code(learning: LearningSet) -> None:
    derived = learning.derived.iloc[:500].copy()
    derived.loc[: FEWEST_ROWS - 2, "race"] = "Rare"
    derived.loc[FEWEST_ROWS - 1 : 2 * FEWEST_ROWS - 2, "race"] = "Frequent"

    race = next(c for c in learn_encoding(derived, DATASET).columns if c.name == "race")

    assert race.words is not None
    assert "Frequent" in race.words
    assert "Rare" not in race.words


def test_an_input_without_words_is_left_out(learning: LearningSet) -> None:
    derived = learning.derived.copy()
    derived["payer_code"] = pd.Series([None] * len(derived), dtype="str")

    names = {column.name for column in learn_encoding(derived, DATASET).columns}

    assert "payer_code" not in names
    assert "medical_specialty" in names


def test_the_shares_of_an_inputs_codes_are_those_of_the_train_rows(
    encoding: Encoding, learning: LearningSet
) -> None:
    derived = learning.derived.iloc[learning.rows(TRAIN)]
    for column in encoding.words:
        codes = column.codes(derived)
        counts = np.bincount(
            codes[~np.isnan(codes)].astype(int), minlength=len(column.words or ())
        )

        expected = [*counts / codes.size, np.isnan(codes).mean()]
        assert column.shares == pytest.approx(tuple(expected), abs=1e-12), column.name


def test_of_a_codes_derivations_the_coarsest_is_not_fine() -> None:
    assert finer_derivations(DATASET) == {"diag_1_head", "diag_2_head", "diag_3_head"}


def test_quantities_stand_before_codes(encoding: Encoding) -> None:
    kinds = [column.words is None for column in encoding.columns]

    assert kinds == sorted(kinds, reverse=True)
    assert encoding.code_places == [i for i, number in enumerate(kinds) if not number]


def test_a_part_of_the_inputs_knows_its_places_in_the_whole(encoding: Encoding) -> None:
    part = encoding.without(frozenset({"race", "num_medications"}))

    places = part.places_in(encoding)

    assert [encoding.columns[place] for place in places] == list(part.columns)
