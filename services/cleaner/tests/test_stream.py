"""The shipped batches pass the gate; the same batches, changed upstream, do not."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet

from cleaner.cleaning import Outcome, Rules, clean_batch
from cleaner.results import Stored, result_of
from cleaner.usual import usual_before
from relevo_contracts import BatchRaw, Envelope, ObjectRef
from relevo_contracts.results import StageResult
from relevo_datasets.quality.usual import Usual

pytestmark = pytest.mark.slow

AsBatch = Callable[..., tuple[bytes, BatchRaw]]
Change = Callable[[pd.DataFrame], pd.DataFrame]
FOLDER = Path(__file__).parents[3] / "services/data-api/src/data_api/data"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
POISONED = 4
SOME = ObjectRef(key="k", sha256="1" * 64, size=1)
SPECIALTY, PAYER = "medical_specialty", "payer_code"


class Stream:
    """Shipped batches cleaned one after another, and what was usual before each."""

    def __init__(self, as_batch: AsBatch, rules: Rules, dataset: str) -> None:
        self.as_batch, self.rules = as_batch, rules
        self.raw: dict[int, pd.DataFrame] = {}
        self.usual: dict[int, Usual] = {}
        self.outcomes: dict[int, Outcome] = {}
        results: list[StageResult] = []
        for number, file in enumerate(sorted((FOLDER / dataset).glob("*")), start=1):
            self.raw[number] = parquet.read_table(file).to_pandas()
            self.usual[number] = usual_before(number, results)
            content, event = as_batch(self.raw[number], dataset, number)
            outcome = clean_batch(content, event, rules, self.usual[number])
            self.outcomes[number] = outcome
            results.append(_result(outcome, event))

    def refusal_of(self, change: Change, number: int = POISONED) -> str:
        """What the gate says of a batch after the change; "" when it passes."""
        content, event = self.as_batch(change(self.raw[number].head(2_000)), number=number)
        outcome = clean_batch(content, event, self.rules, self.usual[number])
        return outcome.refusal or ""


def _result(outcome: Outcome, event: BatchRaw) -> StageResult:
    return result_of(
        outcome,
        event,
        Envelope.of(event, source="ingestor", cause="the test"),
        stored=Stored(
            report=SOME, quarantine=None, table=None if outcome.refusal else SOME
        ),
        revision=1,
        started_at=NOW,
        finished_at=NOW,
    )


@pytest.fixture(scope="module")
def stream(as_batch: AsBatch, rules: Rules) -> Stream:
    return Stream(as_batch, rules, "diabetes130")


def recoded(column: str, words: dict[str, str]) -> Change:
    return lambda raw: raw.assign(**{column: raw[column].replace(words)})


def upper(column: str) -> Change:
    return lambda raw: raw.assign(**{column: raw[column].str.upper()})


def emptied(column: str) -> Change:
    return lambda raw: raw.assign(**{column: "?"})


def test_no_shipped_batch_is_refused_although_columns_come_and_go(stream: Stream) -> None:
    assert len(stream.outcomes) == 7
    assert [outcome.refusal for outcome in stream.outcomes.values()] == [None] * 7


@pytest.mark.parametrize(("dataset", "batches"), [("pima", 3), ("covertype", 4)])
def test_the_other_datasets_batches_pass_too(
    as_batch: AsBatch, rules: Rules, dataset: str, batches: int
) -> None:
    outcomes = Stream(as_batch, rules, dataset).outcomes.values()

    assert [outcome.refusal for outcome in outcomes] == [None] * batches


def test_the_shipped_stream_stays_well_below_the_limits(stream: Stream) -> None:
    lost = {
        (feature, number): 1 - (1 - share) / (1 - usual)
        for number, outcome in stream.outcomes.items()
        for feature, share in outcome.report.missing_shares.items()
        if (usual := stream.usual[number].missing.get(feature, 1.0)) < 1
    }
    unknown = [max(o.report.unknown_shares.values()) for o in stream.outcomes.values()]

    assert max(lost, key=lambda place: lost[place]) == (SPECIALTY, 6)
    assert lost[SPECIALTY, 6] == pytest.approx(0.42, abs=0.005)
    assert max(x for (name, _), x in lost.items() if name != SPECIALTY) < 0.05
    assert unknown == [0.0] * 7


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            upper("race"),
            "a word for race that nobody knows, usually 0.0% and at most 20.0% more:"
            " 'CAUCASIAN', 'AFRICANAMERICAN', 'HISPANIC'; did you mean 'Caucasian'?",
        ),
        (upper(SPECIALTY), "a word for medical_specialty that nobody knows"),
        (recoded("admission_type_id", {"1": "101"}), "a word for admission_type_id"),
        (upper("gender"), "e.g. 'FEMALE', 'MALE'); did you mean 'Female'?"),
        (recoded("insulin", {"No": "N"}), "insulin is none of its words"),
        (recoded("diag_1", {"428": "I50.9"}), "diag_1 has another form"),
        (emptied("race"), "100.0% of the rows have no race, usually 2.8%: 100.0% of"),
        (emptied(SPECIALTY), "have no medical_specialty, usually 33.7%"),
        (emptied(PAYER), "have no payer_code, usually 69.5%"),
        (emptied("metformin"), "have no metformin, usually 0.0%"),
        (emptied("gender"), "have no gender"),
        (emptied("insulin"), "insulin has no value"),
    ],
)
def test_a_column_that_was_changed_upstream_is_refused(
    stream: Stream, change: Change, reason: str
) -> None:
    assert reason in stream.refusal_of(change)


@pytest.mark.parametrize("change", [upper("race"), recoded("payer_code", {"?": "none"})])
def test_new_words_are_refused_in_the_first_batch_too(
    stream: Stream, change: Change
) -> None:
    assert "that nobody knows" in stream.refusal_of(change, number=1)


@pytest.mark.parametrize(
    "change",
    [
        recoded("race", {"Asian": "ASIAN"}),
        recoded("discharge_disposition_id", {"6": "31"}),
        lambda raw: raw.assign(race=raw["race"].where(raw.index % 2 == 0, "?")),
        lambda raw: raw.assign(max_glu_serum=None, A1Cresult=None),
    ],
)
def test_a_smaller_change_passes_and_is_counted(stream: Stream, change: Change) -> None:
    assert stream.refusal_of(change) == ""
