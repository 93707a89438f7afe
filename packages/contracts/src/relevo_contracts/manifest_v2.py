"""A manifest of format 2 is read as one of format 3: pods serve the bundles of before."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from relevo_contracts.features import Kind
from relevo_contracts.manifest import signature_of

Facts = dict[str, Any]
"""A manifest as JSON has it."""


class FeatureV2(BaseModel):
    """The fields of a feature in format 2, whose JSON the signature was made of."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    kind: Kind
    raw_name: str
    description: str
    required: bool = True
    nullable: bool = False
    default: str | float | bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    pattern: str | None = None


def upgraded(old: Facts) -> Facts:
    """The same manifest in format 3; raises KeyError, TypeError for what is not format 2.

    All its sets of words are open, and it has no reference, as before.
    """
    features = tuple(FeatureV2.model_validate(each) for each in old["features"])
    source = old.get("source") or {"missing": [""], "truths": {}, "unknown": {}}
    labels = old["labels"]
    return {
        **{name: old[name] for name in KEPT if name in old},
        "format": 3,
        "task": "binary",
        "classes": [
            {"value": value, "label": label, "words": []}
            for value, label in enumerate(labels)
        ],
        "features": [_feature(each, source) for each in features],
        "ignored": source.get("ignored", []),
        "estimator": _estimator(old["estimator"]),
        "golden": [
            {"row": each["row"], "answer": [each["probability"]]} for each in old["golden"]
        ],
        "signed": signature_of(features),
    }


KEPT = (
    "model",
    "dataset",
    "target",
    "algorithm",
    "threshold",
    "example",
    "inputs",
    "metrics",
    "lineage",
)
"""What is in both formats the same."""


def _feature(feature: FeatureV2, source: Facts) -> Facts:
    missing = [*source["missing"], *source["unknown"].get(feature.name, [])]
    return {**feature.model_dump(), "missing": missing, "truths": source["truths"]}


def _estimator(old: Facts) -> Facts:
    if old["kind"] == "trees":
        return {**old, "base": [old["base"]]}
    terms = [
        {
            **term,
            "weight": [term["weight"]],
            "absent": [term["absent"]],
            "weights": term["weights"] and [[weight] for weight in term["weights"]],
        }
        for term in old["terms"]
    ]
    return {**old, "intercept": [old["intercept"]], "terms": terms}
