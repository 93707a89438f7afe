"""What the views show, over files: the real DuckDB, without PostgreSQL and S3."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from relevo_sql import SqlError, Warehouse, saved_examples
from relevo_sql.samples import ROWS, T0, Stages
from relevo_sql.views import VIEWS


def test_a_dataset_without_a_batch_has_empty_views(warehouse: Warehouse) -> None:
    assert warehouse.datasets() == ["my-set"]
    for name in VIEWS:
        assert warehouse.query(f'SELECT count(*) FROM "my-set".{name}').rows == [(0,)], name  # noqa: S608
    with pytest.raises(SqlError, match='"age" not found'):
        warehouse.query("SELECT age FROM clean")


def test_each_row_tells_its_batch_and_keeps_the_names_of_its_columns(
    warehouse: Warehouse, stages: Stages
) -> None:
    for number in (1, 2):
        stages.add("my-set", number)

    counted = warehouse.query(
        "SELECT batch_number, count(*) FROM raw GROUP BY 1 ORDER BY 1"
    )
    row = warehouse.query('SELECT * FROM "my-set".raw WHERE "Patient Nr" = \'20\'')

    assert counted.rows == [(1, ROWS), (2, ROWS)]
    assert [column.name for column in row.columns] == [
        "batch_id", "batch_number", "Patient Nr", "batch_id_1", "a\"b'c",
    ]  # fmt: skip
    assert row.rows == [("my-set-0002", 2, "20", "theirs", None)]


def test_clean_rows_are_in_three_splits(warehouse: Warehouse, stages: Stages) -> None:
    stages.add("my-set", 1)

    for split, rows in (("train", 6), ("validation", 2), ("test", 1)):
        assert warehouse.query(f"SELECT count(*) FROM {split}").rows == [(rows,)]  # noqa: S608
    assert warehouse.query("SELECT count(*) FROM clean").rows == [(ROWS - 1,)]


def test_quarantined_has_the_reports_reasons(warehouse: Warehouse, stages: Stages) -> None:
    stages.add("my-set", 1)

    answer = warehouse.query("FROM quarantined")

    told = dict(zip((c.name for c in answer.columns), answer.rows[0], strict=True))
    assert told["batch_number"] == 1
    assert told["column"] == "age"
    assert told["examples"] == ["old"]


def test_what_the_catalog_notes_is_typed_and_what_is_odd_is_left_out(
    warehouse: Warehouse, stages: Stages
) -> None:
    stages.add("my-set", 1)
    stages.refuse("my-set", 2, "other bytes than the source says")

    batches = warehouse.query(
        "SELECT batch_number, released_at, rows_raw, rows_clean, rows_removed,"
        " missing_shares['age'], refusal, clean_verdict FROM batches"
    )
    verdicts = warehouse.query(
        "SELECT verdict, algorithm, test, batches, seconds FROM verdicts"
    )
    promotions = warehouse.query("SELECT model, model_version, promoted_at FROM promotions")

    assert batches.rows == [
        (1, T0, ROWS, ROWS - 1, None, 0.25, None, "accepted"),
        (2, None, None, None, None, None, "other bytes than the source says", None),
    ]
    assert verdicts.rows == [("promoted", "lightgbm", 0.7, ["one"], 3.0)]
    assert promotions.rows == [("model-of-my-set", "1", T0 + timedelta(hours=1))]
    assert isinstance(promotions.rows[0][2], datetime)
    assert promotions.rows[0][2].utcoffset() == T0.astimezone(UTC).utcoffset()


def test_a_batch_that_came_twice_is_in_both_and_another_datasets_in_none(
    warehouse: Warehouse, stages: Stages
) -> None:
    stages.add("my-set", 1)
    stages.add("other", 1)
    again = dict(stages.results[0], batch_id="my-set-0002", number=2)
    stages.results.append(again)

    answer = warehouse.query("SELECT batch_id, count(*) FROM raw GROUP BY 1 ORDER BY 1")

    assert answer.rows == [("my-set-0001", ROWS), ("my-set-0002", ROWS)]
    assert warehouse.query("SELECT count(*) FROM clean", dataset="other").rows == [(9,)]
    assert warehouse.query("SELECT count(*) FROM all_datasets.batches").rows == [(3,)]


def test_a_new_batch_is_seen_by_the_next_statement(
    warehouse: Warehouse, stages: Stages
) -> None:
    counts = []
    for number in (1, 2, 3):
        stages.add("my-set", number)
        counts += warehouse.query("SELECT count(*) FROM clean").rows

    assert counts == [(9,), (18,), (27,)]


def test_the_browser_has_every_view_with_its_columns(
    warehouse: Warehouse, stages: Stages
) -> None:
    stages.add("my-set", 1)

    views = {view.name: view for view in warehouse.tables() if view.schema == "my-set"}

    assert set(views) == set(VIEWS)
    assert ("age", "DOUBLE") in [(c.name, c.type) for c in views["train"].columns]


def test_ten_examples_run(warehouse: Warehouse, stages: Stages) -> None:
    stages.add("my-set", 1)

    examples = saved_examples()

    assert len(examples) == 10
    page = (Path(__file__).parents[3] / "docs/sql.md").read_text()
    assert all(f"-- {example.name}\n{example.sql}" in page for example in examples)
    for example in examples:
        assert warehouse.query(example.sql).rows, example.name
