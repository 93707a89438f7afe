"""Only the bytes that were promoted, of the model that was promoted, become a model."""

from collections.abc import Callable
from typing import Any

import pytest

from inference.duty.loading import load
from relevo_contracts import PoisonError

Promote = Callable[..., Any]


def test_the_promoted_bundle_becomes_a_model_with_its_name_and_version(
    promote: Promote,
) -> None:
    promoted = promote(7)

    model = load(promoted.content, promoted.promotion.event)

    assert (model.name, model.version) == ("diabetes130", "7")
    assert model.manifest == promoted.manifest


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"content": b"not a zip"}, "not a zip"),
        ({"event": {"model": "other"}}, "the bundle's model is 'diabetes130', not 'other'"),
        ({"event": {"dataset": "pima"}}, "the bundle's dataset is"),
        ({"event": {"signature_sha256": "0" * 64}}, "the bundle's signature is"),
        ({"manifest": {"golden": ()}}, "manifest: golden"),
    ],
)
def test_a_bundle_that_does_not_fit_its_promotion_is_refused(
    promote: Promote, changes: dict[str, object], reason: str
) -> None:
    promoted = promote(1, **changes)

    with pytest.raises(PoisonError, match=reason):
        load(promoted.content, promoted.promotion.event)


def test_other_bytes_than_were_promoted_are_refused(promote: Promote) -> None:
    promoted, other = promote(1), promote(2)

    with pytest.raises(PoisonError, match=r"has SHA-256 .*, not .* as promoted"):
        load(other.content, promoted.promotion.event)


def test_golden_rows_that_are_answered_otherwise_are_refused(promote: Promote) -> None:
    manifest = promote(1).manifest
    wrong = manifest.golden[0].model_copy(update={"answer": (0.123,)})
    promoted = promote(1, manifest={"golden": (wrong,)})

    with pytest.raises(PoisonError, match="golden rows differ"):
        load(promoted.content, promoted.promotion.event)
