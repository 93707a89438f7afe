"""ICD-9 codes fall into the groups of Strack et al. 2014, however they are written."""

import pytest

from relevo_datasets import Dataset
from relevo_datasets.icd9 import (
    OTHER,
    category_derivation,
    category_of,
    group_derivation,
    group_of,
)
from relevo_features import Reader, Unfit


@pytest.mark.parametrize(
    ("head", "group"),
    [
        ("390", "circulatory"),
        ("459", "circulatory"),
        ("785", "circulatory"),
        ("460", "respiratory"),
        ("786", "respiratory"),
        ("579", "digestive"),
        ("787", "digestive"),
        ("250", "diabetes"),
        ("249", OTHER),
        ("251", OTHER),
        ("800", "injury"),
        ("999", "injury"),
        ("739", "musculoskeletal"),
        ("629", "genitourinary"),
        ("788", "genitourinary"),
        ("140", "neoplasms"),
        ("239", "neoplasms"),
        ("038", OTHER),
        ("V45", OTHER),
        ("E849", OTHER),
    ],
)
def test_a_category_is_in_the_group_of_table_2(head: str, group: str) -> None:
    assert group_of(head) == group


def test_a_category_without_its_leading_zeros_is_the_same_category() -> None:
    assert category_of("38") == category_of("038") == "038"
    assert category_of("V45") == "V45"

    derivation = category_derivation("diag_1", ("008", "038", "V45"))

    assert set(derivation.words) == {"8", "08", "008", "38", "038", "V45"}


def test_a_derivation_has_a_word_for_each_of_its_heads() -> None:
    derivation = group_derivation("diag_2")

    words = set(derivation.words.values())

    assert derivation.name == "diag_2_group"
    assert OTHER not in words
    assert len(words) == 8


@pytest.mark.parametrize("code", ["428", "250.01", "8", "38.9", "V57", "V58.61", "E849.7"])
def test_codes_have_the_form_of_icd_9(diabetes: Dataset, code: str) -> None:
    assert Reader(diabetes.feature("diag_1")).read(code) == code


@pytest.mark.parametrize("code", ["I50.9", "4280", "428.", "250.001", "v57"])
def test_other_words_do_not_have_the_form_of_icd_9(diabetes: Dataset, code: str) -> None:
    with pytest.raises(Unfit, match="has another form"):
        Reader(diabetes.feature("diag_3")).read(code)
