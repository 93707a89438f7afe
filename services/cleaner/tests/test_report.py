"""The quality report tells what a person would ask about a batch."""

import json
from collections.abc import Callable

import pandas as pd

from cleaner.cleaning import Rules, clean_batch
from relevo_contracts import BatchRaw
from relevo_datasets.quality.usual import Usual

AsBatch = Callable[..., tuple[bytes, BatchRaw]]
NOTHING = Usual()


def test_the_report_counts_rows_and_tells_why_some_are_gone(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    encounters.loc[0:1, "discharge_disposition_id"] = "11"
    encounters.loc[2:4, "num_lab_procedures"] = ["many", "x" * 1_000, None]

    report = clean_batch(*as_batch(encounters), rules, NOTHING).report

    assert (report.rows_in, report.rows_out) == (200, 195)
    assert report.removed == {"died or went to a hospice: cannot be readmitted": 2}
    assert report.rows_quarantined == 3
    told = [(fault.column, fault.reason, fault.rows) for fault in report.quarantined]
    assert told == [
        (
            "num_lab_procedures",
            "is not a whole number; it takes a whole number from 0 to 200",
            2,
        ),
        ("num_lab_procedures", "has no value", 1),
    ]
    assert report.quarantined[0].examples == ("many", "x" * 40 + "…")
    assert report.quarantined[1].examples == (None,)


def test_the_report_tells_per_column_what_is_missing_its_range_and_what_is_new(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    encounters.loc[0:4, "race"] = ["?", "?", "?", "Martian", "Martian"]
    encounters.loc[0:1, "time_in_hospital"] = ["1", "14"]

    report = clean_batch(*as_batch(encounters), rules, NOTHING).report

    race, stay = report.columns["race"], report.columns["time_in_hospital"]
    assert (race.missing, race.unseen) == (3, {"Martian": 2})
    assert race.minimum is None
    assert (stay.missing, stay.minimum, stay.maximum) == (0, 1.0, 14.0)
    assert report.columns["payer_code"].missing == 200
    assert report.target_rate == 0.25
    assert sum(report.splits.values()) == 200


def test_the_report_of_a_batch_without_a_clean_row_is_valid_json(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    encounters["readmitted"] = "perhaps"

    report = json.loads(clean_batch(*as_batch(encounters), rules, NOTHING).report.to_json())

    assert report["rows_out"] == 0
    assert report["target_rate"] is None
    assert report["columns"]["time_in_hospital"]["minimum"] is None


def test_a_word_that_is_none_of_a_closed_set_is_told_with_the_one_that_may_be_meant(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    encounters["gender"] = encounters["gender"].str.upper()

    [fault] = clean_batch(*as_batch(encounters), rules, NOTHING).report.quarantined

    assert str(fault) == (
        "gender is none of its words; it takes text: Female, Male, or null (200 rows,"
        " e.g. 'FEMALE'); did you mean 'Female'?"
    )


def test_a_value_that_only_a_default_stands_for_is_missing(
    encounters: pd.DataFrame, as_batch: AsBatch, rules: Rules
) -> None:
    encounters.loc[0:2, "metformin"] = ["?", "", None]
    encounters.loc[0:2, "A1Cresult"] = None

    report = clean_batch(*as_batch(encounters), rules, NOTHING).report

    assert report.columns["metformin"].missing == 3
    assert report.columns["a1c_result"].missing == 0, "nothing means: not measured"
    assert report.missing_shares["metformin"] == 3 / 200
