"""A manifest of this format or of the last is read, if its parts fit together."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relevo_bundles.bundle import Bundle, evaluator_of
from relevo_bundles.manifests import read_manifest
from relevo_bundles.nodes import CATEGORIES_FILE, NODE, NODES_FILE
from relevo_bundles.samples import ROW, sample_manifest
from relevo_contracts import PoisonError

Facts = dict[str, Any]
OLD = Path(__file__).with_name("manifest_of_format_2.json").read_bytes()
"""As the last version wrote it that wrote format 2, which signed and answered it so:"""
OLD_SIGNATURE = "5e8977b60497601dde79dd13867df5a2cd6a377ed38a362a3f65372911061cde"
OLD_ANSWER = 0.7525948948809734
COLUMNS = {name: [value] for name, value in ROW.items()}


def changed(content: bytes, change: Callable[[Facts], object]) -> bytes:
    facts = json.loads(content)
    change(facts)
    return json.dumps(facts).encode()


def of_task(task: str, classes: int, answer: list[float], **others: object) -> bytes:
    """A linear model's manifest with as many outputs as the answer has numbers."""
    words = [{"value": n, "label": f"class {n}", "words": []} for n in range(classes)]
    facts = {
        "task": task,
        "classes": words,
        "threshold": 0.5 if task == "binary" else None,
        "estimator": {"kind": "linear", "intercept": answer, "terms": []},
        "golden": [{"row": ROW, "answer": answer}],
        **others,
    }
    content = sample_manifest().model_dump_json().encode()
    return changed(content, lambda old: old.update(facts))


def bundle_of(manifest: bytes, files: dict[str, bytes]) -> Bundle:
    read = read_manifest(manifest)
    return Bundle(read, evaluator_of(read, files))


def test_a_linear_model_of_format_2_answers_as_before_under_its_old_signature() -> None:
    bundle = bundle_of(OLD, {})

    assert bundle.manifest.signature_sha256 == OLD_SIGNATURE
    assert bundle.answers(COLUMNS).tolist() == [[OLD_ANSWER]]
    alone = bundle.number(bundle.encoder.encode_row(ROW))
    assert alone == pytest.approx(OLD_ANSWER, abs=1e-15)
    assert bundle.worst_golden_difference() == 0
    assert (bundle.manifest.format, bundle.manifest.task) == (3, "binary")
    assert bundle.manifest.labels == ("no", "yes")
    assert bundle.manifest.ignored == ("weight",)


def test_trees_of_format_2_answer_as_before_and_need_no_cover() -> None:
    stump = [(2.5, 1, 1, 2, 2, 0, 0), (-1.0, -1, 0, 0, 0, 0, 0), (0.5, -1, 0, 0, 0, 0, 0)]
    files = {NODES_FILE: np.array(stump, NODE).tobytes(), CATEGORIES_FILE: b""}
    trees = {"kind": "trees", "roots": [0], "averaged": False, "base": -0.5}
    old = changed(OLD, lambda facts: facts.update(estimator=trees | {"link": "logistic"}))

    bundle = bundle_of(old, files)

    assert bundle.manifest.signature_sha256 == OLD_SIGNATURE
    assert bundle.answers(COLUMNS).tolist() == [[0.5]]


def without(*path: str) -> Callable[[Facts], object]:
    def change(facts: Facts) -> None:
        for step in path[:-1]:
            facts = facts[step]
        del facts[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without("labels"), "not of format 2: KeyError\\('labels'\\)"),
        (without("source", "missing"), "not of format 2: KeyError\\('missing'\\)"),
        (without("estimator", "intercept"), "not of format 2: KeyError\\('intercept'\\)"),
        (without("target"), "the bundle's manifest: target: Field required"),
        (lambda facts: facts.update(source=["?"]), "not of format 2: TypeError"),
        (lambda facts: facts.update(source="?"), "not of format 2: TypeError"),
        (lambda facts: facts.update(estimator=None), "not of format 2: TypeError"),
        (lambda facts: facts.update(golden=3), "not of format 2: TypeError"),
        (lambda facts: facts.update(features=[{}]), "manifest: name: Field required"),
        (
            lambda facts: facts.update(labels=["a"]),
            "a binary target has two classes, not 1",
        ),
        (
            lambda facts: facts["source"].update(unknown=[]),
            "not of format 2: AttributeError",
        ),
    ],
)
def test_what_is_not_of_format_2_is_refused(
    change: Callable[[Facts], object], reason: str
) -> None:
    with pytest.raises(PoisonError, match=reason):
        read_manifest(changed(OLD, change))


def test_a_model_of_each_task_is_read() -> None:
    assert read_manifest(of_task("binary", 2, [0])).estimator.outputs == 1
    assert read_manifest(of_task("multiclass", 3, [0, 0, 1])).estimator.outputs == 3
    regression = of_task("regression", 0, [7.5], residuals=[-1, 2])
    assert read_manifest(regression).residuals == (-1, 2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (of_task("binary", 3, [0]), "a binary target has two classes, not 3"),
        (of_task("multiclass", 2, [0, 1]), "has three classes or more, not 2"),
        (of_task("regression", 2, [0]), "a regression has no classes"),
        (of_task("binary", 2, [0, 1]), "has 2 outputs, a binary one has 1"),
        (of_task("multiclass", 3, [0]), "has 1 outputs, a multiclass one has 3"),
        (of_task("regression", 0, [0, 1]), "has 2 outputs, a regression one has 1"),
        (
            of_task("binary", 2, [0], golden=[{"row": ROW, "answer": [0, 1]}]),
            "a golden answer has 2 numbers, the model 1",
        ),
        (of_task("binary", 2, [0], threshold=None), "is binary, its threshold None"),
        (of_task("regression", 0, [0], threshold=0.5), "regression, its threshold 0.5"),
        (of_task("binary", 2, [0], residuals=[-1, 2]), "is binary, and has residuals"),
        (of_task("binary", 2, [0], kind="other"), "manifest: kind: Extra inputs"),
        (
            of_task(
                "binary", 2, [0], outside=[{"feature": "g", "words": [], "reason": ""}]
            ),
            "rows are outside by 'g', which is no feature",
        ),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(content: bytes, reason: str) -> None:
    with pytest.raises(PoisonError, match=reason):
        read_manifest(content)
