"""Small models for tests: a logistic regression, with golden rows that it answers."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from relevo_bundles.bundle import Bundle
from relevo_bundles.writing import write
from relevo_contracts import ClassWords, Feature, Manifest
from relevo_contracts.manifest import (
    Golden,
    Input,
    Interval,
    Lineage,
    Linear,
    LinearTerm,
    Lookup,
    Quantity,
)
from relevo_features import kind_of, text_of

CLASSES = (
    ClassWords(value=0, label="no", words=("0",)),
    ClassWords(value=1, label="yes", words=("1",)),
)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

FEATURES: tuple[Feature, ...] = (
    Feature(
        name="age_bucket",
        kind="category",
        raw_name="age",
        description="age in decades",
        categories=("[0-10)", "[10-20)", "[20-30)"),
    ),
    Feature(
        name="visits",
        kind="integer",
        raw_name="number_visits",
        description="visits so far",
        minimum=0,
        maximum=14,
    ),
    Feature(
        name="dose",
        kind="number",
        raw_name="dose",
        description="milligrams",
        required=False,
        nullable=True,
        minimum=0,
    ),
    Feature(
        name="insulin",
        kind="category",
        raw_name="insulin",
        description="change of dose",
        required=False,
        default="No",
        categories=("No", "Steady", "Up", "Down"),
    ),
    Feature(name="change_med", kind="boolean", raw_name="change", description="any change"),
    Feature(
        name="source_id",
        kind="identifier",
        raw_name="admission_source_id",
        description="where from",
        categories=("1", "2", "7"),
    ),
    Feature(
        name="diag_1",
        kind="code",
        raw_name="diag_1",
        description="ICD-9",
        nullable=True,
        pattern=r"(?:\d{1,3}|V\d{2}|E\d{3})(?:\.\d{1,2})?",
    ),
)

ROW: dict[str, JsonValue] = {
    "age_bucket": "[10-20)",
    "visits": 3,
    "dose": 2.5,
    "insulin": "Steady",
    "change_med": True,
    "source_id": 7,
    "diag_1": "250.01",
}
"""A request that FEATURES allow."""


def sample_manifest(
    *,
    intercept: float = 0.0,
    features: Sequence[Feature] = FEATURES,
    rows: Sequence[dict[str, JsonValue]] = (ROW,),
    model: str = "sample",
    dataset: str = "samples",
) -> Manifest:
    """The manifest of a logistic regression over all features, golden answers included.

    rows: the golden rows. Another intercept makes a model with other answers.
    """
    inputs = tuple(_input(feature, rows) for feature in features)
    drafted = Manifest(
        model=model,
        dataset=dataset,
        task="binary",
        target="target",
        classes=CLASSES,
        algorithm="logistic_regression",
        threshold=0.5,
        features=tuple(features),
        inputs=inputs,
        estimator=Linear(intercept=(intercept,), terms=tuple(map(_term, inputs))),
        metrics={"roc_auc": Interval(value=0.67, low=0.65, high=0.69)},
        golden=tuple(Golden(row=row, answer=(0.0,)) for row in rows),
        lineage=Lineage(
            run_id="0" * 32,
            batches=(f"{dataset}-0001",),
            batch_sha256=("1" * 64,),
            newest_released_at=NOW,
            code_version="0",
            trained_at=NOW,
        ),
    )
    columns = {feature.name: [row[feature.name] for row in rows] for feature in features}
    answers = Bundle.read(write(drafted, {})).answers(columns)
    golden = [
        Golden(row=row, answer=tuple(answer))
        for row, answer in zip(rows, answers.tolist(), strict=True)
    ]
    return drafted.model_copy(update={"golden": tuple(golden)})


def _input(feature: Feature, rows: Sequence[dict[str, JsonValue]]) -> Input:
    kind = kind_of(feature)
    if kind.is_quantity:
        return Input(name=feature.name, feature=feature.name, encoding=Quantity())
    words = [text_of(word) for word in kind.words(feature) or ()]
    if not kind.is_input:
        words = sorted({str(row[feature.name]).partition(".")[0] for row in rows})
    codes = {word: code for code, word in enumerate(words)}
    encoding = Lookup(part="whole" if kind.is_input else "head", codes=codes)
    return Input(name=feature.name, feature=feature.name, encoding=encoding)


def _term(each: Input) -> LinearTerm:
    if isinstance(each.encoding, Quantity):
        return LinearTerm(input=each.name, weight=(0.3,), mean=2.0, scale=4.0, fill=1.0)
    weights = tuple((0.1 * (code + 1),) for code in range(len(each.encoding.codes)))
    return LinearTerm(input=each.name, weights=weights, absent=(-0.2,))
