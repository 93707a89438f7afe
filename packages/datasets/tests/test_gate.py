"""The gate lets a sound batch pass and says why another one is refused."""

import pytest

from relevo_datasets.quality.gate import Limits, refusal
from relevo_datasets.quality.report import (
    ColumnQuality,
    Fault,
    QualityReport,
    TargetNumbers,
)
from relevo_datasets.quality.usual import Usual

LIMITS = Limits(
    max_quarantined_share=0.05, min_rows=100, max_unknown_rise=0.2, max_lost_share=0.7
)
NOTHING = Usual()
STRANGE = Fault(
    column="Cover_Type", reason="is none of 0, 1", rows=60, different=5, examples=("3", "5")
)


def report(**changes: object) -> QualityReport:
    facts: dict[str, object] = {
        "batch_id": "d-0001",
        "dataset": "d",
        "target": "<30",
        "target_column": "Cover_Type",
        "target_words": 2,
        "task": "binary",
        "rows_in": 1_000,
        "rows_out": 950,
        "rows_removed": 0,
        "rows_quarantined": 50,
        "removed": {},
        "quarantined": (
            Fault(
                column="age", reason="has no value", rows=50, different=0, examples=(None,)
            ),
        ),
        "columns": {},
        "splits": {"train": 800, "validation": 75, "test": 75},
        "classes": {"0": 900, "1": 50},
        "target_rate": 0.05,
        "target_numbers": None,
    }
    return QualityReport.model_validate(facts | changes)


def of_race(**quality: object) -> QualityReport:
    return report(columns={"race": ColumnQuality.model_validate({"missing": 0} | quality)})


def test_a_batch_at_the_limits_passes() -> None:
    assert refusal(report(), LIMITS, NOTHING) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"rows_quarantined": 51},
            "51 of 1,000 rows (5.1%) cannot be read, at most 5.0% may be so: "
            "age has no value (50 rows, e.g. None)",
        ),
        ({"rows_out": 99}, "99 clean rows, at least 100 are needed"),
        ({"classes": {"0": 950, "1": 0}}, "no row of class 1 of the target '<30'"),
        (
            {"splits": {"train": 950, "validation": 0, "test": 0}},
            "no row in the split 'validation'",
        ),
    ],
)
def test_a_batch_beyond_a_limit_is_refused_with_the_figures(
    changes: dict[str, object], reason: str
) -> None:
    assert refusal(report(**changes), LIMITS, NOTHING) == reason


def test_a_target_that_is_not_the_task_s_is_said_in_words() -> None:
    seven = report(quarantined=(STRANGE,), rows_quarantined=60, target_words=7)

    assert refusal(seven, LIMITS, NOTHING) == (
        "the target '<30' has 7 different words, 5 of them in none of its 2 classes"
        " (binary): 60 of 1,000 rows (6.0%) cannot be read, at most 5.0% may be so:"
        " Cover_Type is none of 0, 1 (60 rows, e.g. '3', '5')"
    )


def test_of_several_classes_some_may_be_too_rare_for_a_batch() -> None:
    some = report(task="multiclass", classes={"Aspen": 900, "Pine": 50, "Willow": 0})
    one = report(task="multiclass", classes={"Aspen": 950, "Pine": 0, "Willow": 0})

    assert refusal(some, LIMITS, NOTHING) is None
    assert refusal(one, LIMITS, NOTHING) == (
        "all rows are of class Aspen of the target '<30'"
    )


def test_numbers_to_be_learned_must_differ() -> None:
    def of(low: float, high: float) -> QualityReport:
        numbers = TargetNumbers(mean=low, sd=0, minimum=low, maximum=high)
        return report(task="regression", classes={}, target_numbers=numbers)

    assert refusal(of(3, 4), LIMITS, NOTHING) is None
    assert refusal(of(3, 3), LIMITS, NOTHING) == "the target '<30' is 3 in every row"


def test_a_feature_with_words_that_nobody_knows_is_refused_above_what_was_usual() -> None:
    batch = of_race(unseen={"ASIAN": 80, "CAUCASIAN": 205}, nearest="Caucasian")

    assert refusal(batch, LIMITS, NOTHING) == (
        "30.0% of the rows have a word for race that nobody knows, usually 0.0% and at"
        " most 20.0% more: 'CAUCASIAN', 'ASIAN'; did you mean 'Caucasian'?"
    )
    assert refusal(batch, LIMITS, Usual(unknown={"race": 0.11})) is None


def test_a_feature_that_lost_its_values_is_refused_by_what_was_usual() -> None:
    batch = of_race(missing=855)

    assert refusal(batch, LIMITS, Usual(missing={"race": 0.5})) == (
        "90.0% of the rows have no race, usually 50.0%: 80.0% of its values are gone, at"
        " most 70.0% may be so"
    )
    assert refusal(batch, LIMITS, Usual(missing={"race": 0.6})) is not None
    assert refusal(batch, LIMITS, Usual(missing={"race": 0.7})) is None
    assert refusal(batch, LIMITS, NOTHING) is None, "nobody knows how many there should be"


def test_a_feature_that_is_hardly_ever_there_may_be_absent_by_chance() -> None:
    nobody = of_race(missing=950)

    assert refusal(nobody, LIMITS, Usual(missing={"race": 0.97})) is None
    assert refusal(nobody, LIMITS, Usual(missing={"race": 0.96})) is not None


def test_of_many_changed_features_the_first_few_are_told() -> None:
    quality = ColumnQuality(missing=950)
    batch = report(columns=dict.fromkeys("abcd", quality))

    reason = refusal(batch, LIMITS, Usual(missing=dict.fromkeys("abcd", 0.0)))

    assert str(reason).count("of its values are gone") == 3
