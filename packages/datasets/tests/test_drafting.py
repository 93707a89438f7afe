"""A draft works as it is: columns and target are guessed, and every row is read."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from relevo_datasets.drafting.draft import batch_rows
from relevo_datasets.drafting.targets import NoTarget

ROWS = 300
RNG = np.random.default_rng(11)

Draft = Callable[..., Any]


def numbers(low: int = 0, high: int = 100) -> list[int]:
    return [int(number) for number in RNG.integers(low, high, ROWS)]


def words(*among: str | None) -> list[str | None]:
    return [among[place] for place in RNG.integers(0, len(among), ROWS)]


def test_a_table_of_all_sorts_is_drafted_with_every_row_readable(draft: Draft) -> None:
    result = draft(
        {
            "id": range(1000, 1000 + ROWS),
            "customer_id": numbers(0, 90),
            "age": numbers(18, 90),
            "income": np.round(RNG.lognormal(10, 1, ROWS), 2),
            "debt": np.where(RNG.random(ROWS) < 0.2, np.nan, RNG.normal(0, 5, ROWS)),
            "colour": words("red", "green", "blue", None),
            "smoker": words("Yes", "No"),
            "member": words("TRUE", "False"),
            "sex": words("f", "m"),
            "zip": words("01067", "80331", "10115"),
            "name": [f"Person no. {n}" for n in range(ROWS)],
            "seen_on": [f"2024-01-{n % 28 + 1:02d}" for n in range(ROWS)],
            "always": ["x"] * ROWS,
            "never": [None] * ROWS,
            "churn": words("stays", "leaves", "stays"),
        }
    )

    kinds = {name: feature["kind"] for name, feature in result.features.items()}
    assert kinds == {
        "age": "integer",
        "income": "number",
        "debt": "number",
        "colour": "category",
        "smoker": "boolean",
        "member": "boolean",
        "sex": "category",
        "zip": "category",
    }
    assert result.facts["rows"] == {"id": "id", "group": "customer_id"}
    assert result.facts["truths"] == {"Yes": True, "No": False}
    assert result.facts["slices"] == ["age", "sex"]
    assert result.facts["ignored"] == ["name", "seen_on", "always", "never"]
    assert result.facts["columns"][:3] == ["id", "customer_id", "age"], "in their order"
    assert result.features["colour"] == {
        "name": "colour",
        "kind": "category",
        "nullable": True,
        "categories": ["blue", "green", "red"],
    }
    assert result.features["sex"]["closed"] is True
    assert result.features["debt"]["nullable"] is True
    assert result.facts["targets"][0] == {
        "column": "churn",
        "task": "binary",
        "classes": [{"label": "stays"}, {"label": "leaves"}],
    }
    assert result.dataset.example is not None
    assert set(result.dataset.example) == set(result.features)
    assert "is another word in every row" in result.text
    assert "has dates: make numbers of them first" in result.text


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (words("0", "1"), "binary", [0, 1]),
        (words("2", "1"), "binary", [1, 2]),
        (words("1.0", "0.0"), "binary", [0, 1]),
        (words("yes", "no"), "binary", ["no", "yes"]),
        (words("True", "False"), "binary", ["False", "True"]),
        (words("up", "Up", "down", "down", "down"), "binary", None),
        (words("a", "b", "c"), "multiclass", ["a", "b", "c"]),
        (words("3", "10", "-1"), "multiclass", [-1, 3, 10]),
        (words("01", "02", "03"), "multiclass", [1, 2, 3]),
        (numbers(0, 1000), "regression", []),
        (RNG.normal(0, 1, ROWS).tolist(), "regression", []),
    ],
)
def test_the_task_is_guessed_by_the_target_s_values(
    draft: Draft, values: list[Any], task: str, classes: list[Any] | None
) -> None:
    target = draft({"x": numbers(), "y": values}).dataset.default_target

    assert target.task == task
    if classes is not None:
        assert [each.value for each in target.classes] == classes


def test_spellings_of_one_class_are_one_class(draft: Draft) -> None:
    target = draft({"x": numbers(), "y": words("Up", "up", "down")}).dataset.default_target

    assert {each.words for each in target.classes} == {("Up", "up"), ("down",)}


@pytest.mark.parametrize(
    ("names", "target"),
    [
        (["a", "b"], "b"),
        (["target", "b"], "target"),
        (["Class", "b"], "Class"),
        (["y", "x"], "y"),
        (["sale_label", "b"], "sale_label"),
        (["subclass", "b"], "b"),
    ],
)
def test_the_target_is_what_is_named_so_or_else_the_last_column(
    draft: Draft, names: list[str], target: str
) -> None:
    result = draft({name: numbers() for name in names})

    assert result.dataset.default_target.column == target
    assert ("is taken for the target" in result.looks) is (target == "b")


def test_a_target_that_is_named_is_taken(draft: Draft) -> None:
    result = draft({"a": words("u", "v"), "y": numbers()}, target="a")

    assert result.dataset.default_target.column == "a"
    assert "y" in result.features


@pytest.mark.parametrize(
    ("table", "wish", "told"),
    [
        ({"a": [1] * 9, "b": [2] * 9}, {}, "'b' has one value: name another target"),
        ({"a": range(30), "b": [f"w{n}" for n in range(30)]}, {}, "too many for classes"),
        ({"a": [1, 2], "b": [1, 2]}, {"target": "c"}, "no column 'c'; there are: a, b"),
        ({"y": [1, 2] * 9}, {}, "no column can be learned from"),
        ({"a": [3] * 18, "y": [1, 2] * 9}, {}, "no column can be learned from"),
    ],
)
def test_a_table_without_anything_to_predict_is_told(
    draft: Draft, table: dict[str, Any], wish: dict[str, str], told: str
) -> None:
    with pytest.raises(NoTarget, match=told):
        draft(table, **wish)


@pytest.mark.parametrize(
    ("values", "value", "near"),
    [
        ([0] * 30 + list(range(44, 314)), "0", "44"),
        ([0] * 270 + list(range(14, 44)), "0", "14"),
        ([-1] * 3 + list(range(1, 298)), "-1", None),
        ([-999] * 10 + list(range(10, 300)), "-999", "10"),
        ([9999] * 5 + [n / 10 for n in range(295)], "9999", "29.4"),
        ([99] * 5 + list(range(20, 60)) * 8, "99", "59"),
        (list(range(300)), None, None),
        ([0] * 200 + list(range(1, 101)), None, None),
        ([0] * 280 + [n * 1000 for n in range(1, 21)], None, None),
        (list(range(80, 100)) * 15, None, None),
    ],
)
def test_a_number_far_from_the_others_is_told_as_a_comment(
    draft: Draft, values: list[float], value: str | None, near: str | None
) -> None:
    columns: dict[str, list[Any]] = {"first": [1, 2] * 200, "x": values}
    columns["y"] = ["a", "b"] * 200
    result = draft({name: column[: len(values)] for name, column in columns.items()})

    if value is None or near is None:
        assert "not known?" not in result.text
    else:
        assert f"x: {value} stands in" in result.looks
        assert f"the next value is {near}: not known? Then missing" in result.looks
        assert "missing" not in result.features["x"]


def test_ranges_leave_room_and_do_not_cross_zero(draft: Draft) -> None:
    result = draft(
        {
            "flag": words("0", "1"),
            "count": [10, 20, 50] * 100,
            "below": [-5, -2.5, -0.5] * 100,
            "both": [-1.0, 0.25, 1.5] * 100,
            "tiny": [1e-7, 3e-7, 2e-7] * 100,
            "y": words("a", "b"),
        }
    )

    ends = {n: (f["minimum"], f["maximum"]) for n, f in result.features.items()}
    assert ends == {
        "flag": (0, 1),
        "count": (0, 90),
        "below": (-9.5, 0.0),
        "both": (-3.5, 4.0),
        "tiny": (0.0, 5e-7),
    }
    assert "as much again on both sides" in result.text


def test_spellings_of_missing_are_found_and_none_is_a_word_among_words(
    draft: Draft,
) -> None:
    result = draft(
        {
            "x": words("1", "2.5", "NA", "?"),
            "z": words("1", "2", "3", "4", "5", "None"),
            "test": words("None", "Norm", ">7"),
            "word": words("a", "b", "null", "None"),
            "y": words("a", "b"),
        },
    )

    assert result.facts["missing"] == ["?", "NA", "null"]
    assert result.features["x"]["nullable"] is True
    assert result.features["z"]["missing"] == ["None"]
    assert result.features["z"]["nullable"] is True
    assert result.features["test"]["null_means"] == "None"
    assert "null_means" not in result.features["word"]
    assert "test: 'None' is taken for a word" in result.looks


def test_a_few_words_among_numbers_are_taken_for_no_value_and_told(draft: Draft) -> None:
    result = draft({"x": [*numbers()[:-5], *["unknown"] * 5], "y": words("a", "b")})

    assert result.features["x"]["missing"] == ["unknown"]
    assert "x: taken for no value among numbers: 'unknown' (5 rows)" in result.looks


def test_a_column_that_is_mostly_missing_is_told(draft: Draft) -> None:
    values = [*[None] * 270, *range(30)]

    assert (
        "x: 90% of the rows have no value"
        in draft({"x": values, "y": words("a", "b")}).looks
    )


def test_ids_that_repeat_are_categories_or_left_out(draft: Draft) -> None:
    result = draft(
        {
            "shop_id": numbers(1, 9),
            "product_id": numbers(1, 200),
            "rating": numbers(1, 9),
            "y": words("a", "b"),
        }
    )

    assert result.features["shop_id"]["kind"] == "identifier"
    assert result.features["rating"]["kind"] == "integer"
    assert result.facts["ignored"] == ["product_id"]
    assert result.facts["rows"] == {"repeats": "keep"}


@pytest.mark.parametrize(
    ("name", "values", "is_id"),
    [
        ("row", range(ROWS), True),
        ("uuid", [f"{n:08x}-aa" for n in range(ROWS)], True),
        ("orderId", [n * 7 for n in range(ROWS)], True),
        ("title", [f"title {n}" for n in range(ROWS)], False),
        ("size", [n / 7 for n in range(ROWS)], False),
        ("Unnamed: 0", range(ROWS), True),
    ],
)
def test_what_tells_rows_apart_is_found(
    draft: Draft, name: str, values: Any, is_id: bool
) -> None:
    result = draft({"x": numbers(), name: values, "y": words("a", "b")})

    assert (result.dataset.rows.id == name) is is_id


def test_a_column_without_a_name_is_left_out(draft: Draft) -> None:
    result = draft({"": range(ROWS), "x": numbers(), "y": words("a", "b")})

    assert result.facts["ignored"] == [""]
    assert "a column without a name has no name: numbers of rows?" in result.text


def test_odd_names_become_clean_ones_and_stay_as_raw(draft: Draft) -> None:
    names = ["a b", "a-b", "Größe (cm)", "group", "{x}", 'quo"te', "%"]

    result = draft({**{name: numbers() for name in names}, "y": words("a", "b")})

    called = {feature.raw_name: feature.name for feature in result.dataset.features}
    assert called == {
        "a b": "a_b",
        "a-b": "a_b_2",
        "Größe (cm)": "Größe_cm",
        "group": "group_2",
        "{x}": "x",
        'quo"te': "quo_te",
        "%": "column",
    }


@pytest.mark.parametrize(
    ("rows", "batch"), [(768, 256), (8386, 2796), (101_766, 14_538), (45_001, 11_251),
                        (250, 100), (150, 100), (60, 60)],
)  # fmt: skip
def test_batches_are_three_or_more_and_none_is_small_where_possible(
    rows: int, batch: int
) -> None:
    assert batch_rows(rows) == batch


def test_a_small_table_gets_settings_that_suit_it(draft: Draft) -> None:
    classes = draft({"x": numbers(), "y": words("a", "b")}).dataset.candidates
    number = draft({"x": numbers(), "y": numbers()}, file="other.csv", name="other")

    assert classes["lightgbm"]["min_child_samples"] == 10
    assert classes["logistic_regression"] == {"C": 1.0}
    assert "logistic_regression" not in number.dataset.candidates
