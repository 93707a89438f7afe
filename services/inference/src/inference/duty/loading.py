"""Bytes become a model that may answer, or a reason why they may not. Pure."""

import hashlib

from inference.duty.predicting import Prediction, ServingModel
from relevo_bundles import Bundle, prove
from relevo_contracts import ModelPromoted, PoisonError


def load(content: bytes, promoted: ModelPromoted) -> ServingModel:
    """The model of a promotion, proven and warm.

    Raises PoisonError that says what is wrong: other bytes than were promoted, no bundle,
    a bundle of another model, dataset or signature, or golden rows that are answered
    otherwise than the trainer did. Takes tens of milliseconds: not for the event loop.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != promoted.bundle.sha256:
        raise PoisonError(
            f"the bundle has SHA-256 {sha256}, not {promoted.bundle.sha256} as promoted"
        )
    bundle = Bundle.read(content)
    for what, promised, found in (
        ("model", promoted.model, bundle.manifest.model),
        ("dataset", promoted.dataset, bundle.manifest.dataset),
        ("signature", promoted.signature_sha256, bundle.manifest.signature_sha256),
    ):
        if promised != found:
            raise PoisonError(f"the bundle's {what} is {found!r}, not {promised!r}")
    prove(bundle)
    model = ServingModel(bundle, name=promoted.model, version=promoted.model_version)
    warm(model)
    return model


def warm(model: ServingModel) -> None:
    """Answer the first golden row as a request would be, so that no caller is the first.

    Raises PoisonError when it is not answered.
    """
    answer = model.predict(model.manifest.golden[0].row)
    if not isinstance(answer, Prediction):
        raise PoisonError(f"the first golden row is refused: {answer[0].message}")
