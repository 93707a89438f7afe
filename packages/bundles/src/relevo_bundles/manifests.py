"""A bundle's manifest is read, of this format or of the last, and checked as a whole."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from relevo_contracts import Manifest, PoisonError, Target
from relevo_contracts.manifest_v2 import upgraded

FACTS = TypeAdapter(dict[str, Any])
LAST_FORMAT, FORMAT = 2, 3


def read_manifest(content: bytes) -> Manifest:
    """The manifest in its JSON.

    Raises PoisonError that says what is wrong when nobody could answer by it.
    """
    try:
        facts = FACTS.validate_json(content)
        if facts.get("format") not in (LAST_FORMAT, FORMAT):
            raise PoisonError(
                f"the bundle's manifest is of format {facts.get('format')!r}:"
                f" {LAST_FORMAT} and {FORMAT} are read"
            )
        manifest = Manifest.model_validate(
            upgraded(facts) if facts["format"] == LAST_FORMAT else facts
        )
        _check_outputs(manifest)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "it"
        raise PoisonError(f"the bundle's manifest: {where}: {first['msg']}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise PoisonError(f"the bundle's manifest is not of format 2: {error!r}") from error
    _check_task(manifest)
    _check_features(manifest)
    return manifest


def _check_outputs(manifest: Manifest) -> None:
    """Raises ValidationError for classes that the task cannot have."""
    target = Target(
        name=manifest.target,
        column=manifest.target,
        task=manifest.task,
        classes=manifest.classes,
    )
    outputs = manifest.estimator.outputs
    if outputs != target.outputs:
        raise PoisonError(
            f"the model has {outputs} outputs, a {manifest.task} one has {target.outputs}"
        )
    for golden in manifest.golden:
        if len(golden.answer) != outputs:
            raise PoisonError(
                f"a golden answer has {len(golden.answer)} numbers, the model {outputs}"
            )


def _check_task(manifest: Manifest) -> None:
    if (manifest.threshold is None) == (manifest.task == "binary"):
        raise PoisonError(
            f"the model is {manifest.task}, its threshold {manifest.threshold}"
        )
    if manifest.residuals is not None and manifest.task != "regression":
        raise PoisonError(f"the model is {manifest.task}, and has residuals")


def _check_features(manifest: Manifest) -> None:
    features = {feature.name for feature in manifest.features}
    if not manifest.inputs:
        raise PoisonError("the bundle's manifest has no inputs")
    for each in manifest.inputs:
        if each.feature not in features:
            raise PoisonError(
                f"the input {each.name!r} is made of {each.feature!r}, which is no feature"
            )
    for outside in manifest.outside:
        if outside.feature not in features:
            raise PoisonError(
                f"rows are outside by {outside.feature!r}, which is no feature"
            )
    for golden in manifest.golden:
        if lacking := features - golden.row.keys():
            raise PoisonError(f"a golden row lacks {min(lacking)!r}")
