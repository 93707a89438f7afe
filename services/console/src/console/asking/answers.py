"""What a pod answered to one row, as it is shown; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.asking.pods import Model

WIDTH = 100.0
"""Of a bar that stands for a probability of 1."""


@dataclass(frozen=True)
class Bar:
    """How probable one class is; `is_said`: it is the prediction."""

    label: str
    value: str
    probability: float
    is_said: bool

    @property
    def width(self) -> float:
        """Of its bar."""
        return round(self.probability * WIDTH, 2)


@dataclass(frozen=True)
class Shown:
    """An answer. before: the version that answered the click before, if another.

    threshold: the probability of class 1 from which it is said; None where there is none,
    or where another version took over meanwhile and its own is not known.
    """

    prediction: str
    label: str | None
    probability: float | None
    bars: tuple[Bar, ...]
    interval: tuple[float, float] | None
    threshold: float | None
    version: str
    pod: str
    time: str
    unseen: tuple[str, ...]
    prediction_id: str
    before: str | None


def shown(answer: Mapping[str, Any], model: Model, before: str) -> Shown:
    """The answer of a pod (POST /predict) for a person.

    model: what the same pod told of its model afterwards. before: the version that
    answered last on this page, "" for the first. Raises KeyError for what is no answer.
    """
    version = str(answer["model_version"])
    is_same = version == model.model_version
    interval = answer.get("interval")
    return Shown(
        prediction=words(answer["prediction"]),
        label=answer.get("label"),
        probability=answer.get("probability"),
        bars=bars_of(answer, model),
        interval=(interval["low"], interval["high"]) if interval else None,
        threshold=model.threshold if is_same else None,
        version=version,
        pod=model.pod,
        time=str(answer["timestamp"]),
        unseen=tuple(answer.get("unseen", ())),
        prediction_id=str(answer["prediction_id"]),
        before=before if before not in {"", version} else None,
    )


def words(value: object) -> str:
    """A class as the source writes it, or a number in five digits that count."""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def bars_of(answer: Mapping[str, Any], model: Model) -> tuple[Bar, ...]:
    """Per class how probable it is, in the order of the classes."""
    probability = answer.get("probability")
    if probability is None:
        return ()
    values = [str(each.value) for each in model.classes]
    of_two = dict(zip(values, (1 - probability, probability), strict=False))
    by_class: Mapping[str, float] = answer.get("probabilities") or of_two
    labels = {str(each.value): each.label for each in model.classes}
    said = str(answer["prediction"])
    return tuple(
        Bar(labels.get(value, value), value, share, value == said)
        for value, share in by_class.items()
    )


def errors_of(refusal: Mapping[str, Any]) -> dict[str, str]:
    """Per field what is wrong with it, in words; "" is the row as a whole.

    Of a problem without errors by field its own sentence.
    """
    found: dict[str, str] = {}
    for error in refusal.get("errors") or ():
        name = error.get("field") or ""
        allowed = error.get("allowed")
        text = str(error.get("message", "")) + (f"; it takes {allowed}" if allowed else "")
        found[name] = f"{found[name]}; {text}" if name in found else text
    return found or {"": str(refusal.get("detail") or "the pod says no more")}
