"""Each task is cleaned, judged and told in its own figures; its declaration says how."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cleaner.cleaning import Outcome, Rules, clean_batch, meaning_of
from relevo_contracts import BatchRaw, PoisonError
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.quality.usual import Usual

AsBatch = Callable[..., tuple[bytes, BatchRaw]]
Declared = Callable[..., str]
CleanedAs = Callable[[pd.DataFrame, str], Outcome]
ROWS = 300
TYPES = ("Spruce", "Pine", "Aspen", "Willow", "Larch", "Fir", "Birch")
DECLARATION = """\
name = "{name}"
title = "Trees"
ignored = ["type", "height"]
[[targets]]
column = "{column}"
task = "{task}"
classes = [{classes}]
[[features]]
name = "slope"
kind = "number"
"""


@pytest.fixture
def trees() -> pd.DataFrame:
    """A raw table with seven words in `type`, and a number in `height`."""
    return pd.DataFrame(
        {
            "slope": [f"{row / 7:.3f}" for row in range(ROWS)],
            "type": [TYPES[row % 7] for row in range(ROWS)],
            "height": [str(10 + row % 5) for row in range(ROWS)],
        },
        dtype="str",
    )


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declared:
    """Declares the table for a task of one column; answers the dataset's name."""
    monkeypatch.setenv("RELEVO_DATASETS", str(tmp_path))

    def write(column: str, task: str, labels: tuple[str, ...] = ()) -> str:
        name = f"trees_{task}"
        classes = ", ".join(f'{{ label = "{label}" }}' for label in labels)
        text = DECLARATION.format(name=name, column=column, task=task, classes=classes)
        (tmp_path / f"{name}.toml").write_text(text)
        return name

    return write


@pytest.fixture
def cleaned(as_batch: AsBatch, rules: Rules) -> CleanedAs:
    def clean(raw: pd.DataFrame, dataset: str) -> Outcome:
        return clean_batch(*as_batch(raw, dataset), rules, Usual())

    return clean


def test_of_several_classes_each_is_counted(
    declared: Declared, cleaned: CleanedAs, trees: pd.DataFrame
) -> None:
    outcome = cleaned(trees, declared("type", "multiclass", TYPES))

    assert outcome.refusal is None
    report = outcome.report
    assert report.task == "multiclass"
    assert report.classes == {
        "Spruce": 43,
        "Pine": 43,
        "Aspen": 43,
        "Willow": 43,
        "Larch": 43,
        "Fir": 43,
        "Birch": 42,
    }
    assert (report.target_rate, report.target_numbers) == (None, None)
    frame = CleanTable.from_parquet(outcome.table or b"").frame
    assert sorted(frame["target"].unique()) == [0, 1, 2, 3, 4, 5, 6]


def test_a_rare_class_may_be_absent_from_a_batch(
    declared: Declared, cleaned: CleanedAs, trees: pd.DataFrame
) -> None:
    name = declared("type", "multiclass", TYPES)

    some = cleaned(trees.assign(type=trees["type"].replace("Fir", "Pine")), name)
    one = cleaned(trees.assign(type="Pine"), name)

    assert some.refusal is None
    assert one.refusal == "all rows are of class Pine of the target 'type'"


def test_seven_words_are_no_binary_target(
    declared: Declared, cleaned: CleanedAs, trees: pd.DataFrame
) -> None:
    outcome = cleaned(trees, declared("type", "binary", TYPES[:2]))

    assert str(outcome.refusal).startswith(
        "the target 'type' has 7 different words, 5 of them in none of its 2 classes"
        " (binary): 214 of 300 rows (71.3%) cannot be read"
    )
    assert (
        "type is none of Spruce, Pine (214 rows, e.g. 'Aspen', 'Willow', 'Larch')"
        in str(outcome.refusal)
    )


def test_of_a_number_mean_spread_and_range_are_told(
    declared: Declared, cleaned: CleanedAs, trees: pd.DataFrame
) -> None:
    outcome = cleaned(trees, declared("height", "regression"))

    assert outcome.refusal is None
    numbers = outcome.report.target_numbers
    assert numbers is not None
    assert (numbers.mean, numbers.minimum, numbers.maximum) == (12, 10, 14)
    assert numbers.sd == pytest.approx(2**0.5)
    assert (outcome.report.classes, outcome.report.target_rate) == ({}, None)
    frame = CleanTable.from_parquet(outcome.table or b"").frame
    assert frame["target"].dtype == "float64"


def test_a_number_that_never_varies_cannot_be_learned(
    declared: Declared, cleaned: CleanedAs, trees: pd.DataFrame
) -> None:
    name = declared("height", "regression")

    same = cleaned(trees.assign(height="12"), name)
    words = cleaned(trees.assign(height="tall"), name)

    assert same.refusal == "the target 'height' is 12 in every row"
    assert "height is not a number" in str(words.refusal)


def test_a_target_is_asked_for_by_dataset(rules: Rules) -> None:
    wanted = replace(rules, targets={"diabetes130": "any", "pima": "Glucose"})

    assert meaning_of("diabetes130", wanted)[1].name == "any"
    assert meaning_of("covertype", wanted)[1].name == "Cover_Type"
    with pytest.raises(PoisonError, match="pima has no target 'Glucose'; it has: Outcome"):
        meaning_of("pima", wanted)
