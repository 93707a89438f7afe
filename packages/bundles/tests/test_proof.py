"""A bundle is proven by its golden rows, or refused."""

import pytest

from relevo_bundles import Bundle, prove, write
from relevo_bundles.samples import ROW, sample_manifest
from relevo_contracts import Manifest, PoisonError
from relevo_contracts.manifest import Golden


def read(manifest: Manifest) -> Bundle:
    return Bundle.read(write(manifest, {}))


def test_a_bundle_that_gives_the_trainers_answers_is_proven() -> None:
    assert prove(read(sample_manifest())) < 1e-15


def test_a_bundle_with_another_answer_than_the_trainers_is_refused() -> None:
    manifest = sample_manifest()
    golden = (Golden(row=ROW, answer=(manifest.golden[0].answer[0] + 2e-6,)),)
    bundle = read(manifest.model_copy(update={"golden": golden}))

    with pytest.raises(PoisonError, match="differ by 2e-06 from the trainer's"):
        prove(bundle)


def test_a_golden_row_that_its_own_door_refuses_is_refused() -> None:
    manifest = sample_manifest()
    answer = manifest.golden[0].answer
    golden = (*manifest.golden, Golden(row=ROW | {"visits": 99}, answer=answer))
    bundle = read(manifest.model_copy(update={"golden": golden}))

    with pytest.raises(
        PoisonError, match="golden row 1 is no valid request: visits is out"
    ):
        prove(bundle)
