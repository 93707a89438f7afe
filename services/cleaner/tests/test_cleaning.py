"""From a raw batch to a clean table or a refusal, by tables that a person can check."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet

from cleaner.cleaning import Rules, clean_batch
from relevo_contracts import BatchRaw, PoisonError
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.quality.usual import Usual
from relevo_datasets.splitting import SplitRatios

AsBatch = Callable[..., tuple[bytes, BatchRaw]]
NOTHING = Usual()


def test_a_batch_becomes_a_clean_table_with_splits_by_patient(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    outcome = clean_batch(*as_batch(encounters), rules, NOTHING)

    assert outcome.refusal is None
    assert outcome.table is not None
    clean = CleanTable.from_parquet(outcome.table)
    assert clean.target == "<30"
    assert len(clean.frame) == 200
    assert set(clean.frame["split"]) == {"train", "validation", "test"}
    assert clean.frame.groupby("group")["split"].nunique().max() == 1


def test_the_same_batch_becomes_the_same_bytes(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    first = clean_batch(*as_batch(encounters), rules, NOTHING)
    again = clean_batch(*as_batch(encounters), rules, NOTHING)

    assert first.table == again.table
    assert first.report.to_json() == again.report.to_json()


def test_a_row_keeps_its_split_whatever_rows_stand_beside_it(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    half = encounters.iloc[::-1].head(120)

    tables = [
        clean_batch(*as_batch(raw), rules, NOTHING).table for raw in (encounters, half)
    ]

    frames = [CleanTable.from_parquet(table or b"").frame for table in tables]
    everyone, some = (frame.set_index("row_id")["split"] for frame in frames)
    assert some.sort_index().equals(everyone[some.index].sort_index())


def test_settings_change_target_and_splits(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    encounters.loc[1, "readmitted"] = ">30"
    other = replace(
        rules, targets={"diabetes130": "any"}, ratios=SplitRatios(1, 1, 1), salt="another"
    )

    outcome = clean_batch(*as_batch(encounters), other, NOTHING)

    assert outcome.report.classes == {"0": 149, "1": 51}
    assert CleanTable.from_parquet(outcome.table or b"").target == "any"
    assert min(outcome.report.splits.values()) > 40


def test_a_batch_with_text_in_place_of_numbers_is_refused_with_the_column_named(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    encounters["num_medications"] = "a lot"

    outcome = clean_batch(*as_batch(encounters), rules, NOTHING)

    assert outcome.table is None
    assert outcome.refusal == (
        "200 of 200 rows (100.0%) cannot be read, at most 5.0% may be so: "
        "num_medications is not a whole number; it takes a whole number from 0 to 150"
        " (200 rows, e.g. 'a lot')"
    )
    assert outcome.report.rows_quarantined == 200


def test_a_few_rows_that_cannot_be_read_do_not_stop_the_others(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    encounters.loc[:9, "time_in_hospital"] = "?"

    outcome = clean_batch(*as_batch(encounters), rules, NOTHING)

    assert outcome.refusal is None
    assert (outcome.report.rows_out, outcome.report.rows_quarantined) == (190, 10)


def test_an_event_that_is_wrong_itself_is_poison(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    content, event = as_batch(encounters)
    narrow, narrow_event = as_batch(encounters.drop(columns="age"))
    wrong = {
        "no dataset 'iris'": (content, event.model_copy(update={"dataset": "iris"})),
        "200 rows, at most 7": (content, event.model_copy(update={"rows": 7})),
        "the event says 201": (content, event.model_copy(update={"rows": 201})),
        "not a table in Parquet": (b"PAR1 or not", event),
        "missing column 'age'": (narrow, narrow_event),
    }
    for reason, (table, of) in wrong.items():
        with pytest.raises(PoisonError, match=reason):
            clean_batch(table, of, rules, NOTHING)
    with pytest.raises(PoisonError, match="no target 'cured'; it has: <30, any"):
        clean_batch(
            content, event, replace(rules, targets={"diabetes130": "cured"}), NOTHING
        )


def test_damage_to_the_bytes_is_never_worse_than_poison(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    content, event = as_batch(encounters)
    refused = 0
    for place in range(4, len(content), len(content) // 30):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        try:
            clean_batch(bytes(damaged), event, rules, NOTHING)
        except PoisonError:
            refused += 1

    assert refused > 10


def test_a_shipped_batch_is_cleaned_within_a_few_seconds(
    as_batch: AsBatch, rules: Rules
) -> None:
    root = Path(__file__).parents[3]
    path = root / "services/data-api/src/data_api/data/diabetes130/batch-0001.parquet"
    if not path.exists():
        pytest.skip(f"no {path}")
    content, event = as_batch(parquet.read_table(path).to_pandas())
    started = time.process_time()

    outcome = clean_batch(content, event, rules, NOTHING)

    # A third of a second on a quiet core; what is watched for is a change of magnitude.
    assert time.process_time() - started < 5
    assert outcome.report.rows_in == 15_000
    assert outcome.report.rows_out == 14_724
    assert outcome.report.rows_removed == 276
    assert outcome.report.target_rate == pytest.approx(0.1119, abs=1e-4)
    assert {name: round(n / 14_724, 2) for name, n in outcome.report.splits.items()} == {
        "train": 0.70,
        "validation": 0.15,
        "test": 0.15,
    }
