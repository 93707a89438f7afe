"""What an answer says, task by task: nothing else in serving switches on a task; pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from relevo_contracts import Manifest, Task

Answers = NDArray[np.float64]
"""(rows × outputs), as the bundle answers."""
Facts = dict[str, JsonValue]
Columns = dict[str, list[Any]]

NUMBER = "value"
"""What the prediction of a number is counted as."""


class AnswerForm(Protocol):
    """How a model's numbers are said.

    nested: facts of an answer that are objects: the columns of a table of answers, and
    the part of the object that is in each.
    counted: the names under which predictions are counted, by place.
    fixed: what is the same in all answers that have a prediction's place.
    types: Arrow's types of the columns of a table of answers.
    """

    nested: dict[str, dict[str, str]]
    counted: tuple[str, ...]
    fixed: tuple[Facts, ...]
    types: dict[str, str]

    def place(self, numbers: Sequence[float]) -> int:
        """The place of the prediction for one row."""

    def rest(self, numbers: Sequence[float]) -> Facts:
        """What an answer says beside what is fixed."""

    def rest_json(self, numbers: Sequence[float]) -> str:
        """The same as the inside of a JSON object."""

    def many(self, answers: Answers) -> Columns:
        """All facts by column."""

    def places(self, answers: Answers) -> NDArray[np.intp]:
        """Per row the place of its prediction."""

    def learned(self, answers: Answers) -> list[Any]:
        """Per row what the registered pipeline answers, as MLflow says it."""


def said(form: AnswerForm, numbers: Sequence[float]) -> Facts:
    """The whole answer to one row."""
    return {**form.fixed[form.place(numbers)], **form.rest(numbers)}


class BinaryForm:
    """Class 1 from a threshold on; the probability is that of class 1."""

    def __init__(self, manifest: Manifest) -> None:
        self.nested: dict[str, dict[str, str]] = {}
        self._values = [each.value for each in manifest.classes]
        self._labels = manifest.labels
        self._threshold = 0.5 if manifest.threshold is None else manifest.threshold
        self.counted = tuple(map(str, self._values))
        self.fixed = _fixed(manifest)
        self.types = {**_class_types(self._values), "probability": "float64"}

    def place(self, numbers: Sequence[float]) -> int:
        return int(numbers[0] >= self._threshold)

    def rest(self, numbers: Sequence[float]) -> Facts:
        return {"probability": numbers[0]}

    def rest_json(self, numbers: Sequence[float]) -> str:
        return f'"probability":{numbers[0]!r}'

    def many(self, answers: Answers) -> Columns:
        places = self.places(answers).tolist()
        return {
            "prediction": [self._values[place] for place in places],
            "probability": answers[:, 0].tolist(),
            "label": [self._labels[place] for place in places],
        }

    def places(self, answers: Answers) -> NDArray[np.intp]:
        return (answers[:, 0] >= self._threshold).astype(np.intp)

    def learned(self, answers: Answers) -> list[Any]:
        return [[1 - number, number] for number in answers[:, 0].tolist()]


class MulticlassForm:
    """The most probable class; the probability is its own, the others' stand beside it."""

    def __init__(self, manifest: Manifest) -> None:
        self._values = [each.value for each in manifest.classes]
        self._labels = manifest.labels
        self.counted = tuple(map(str, self._values))
        self.fixed = _fixed(manifest)
        parts = {f"probability_{name}": name for name in self.counted}
        self.nested = {"probabilities": parts}
        numbers = dict.fromkeys(("probability", *parts), "float64")
        self.types = {**_class_types(self._values), **numbers}

    def place(self, numbers: Sequence[float]) -> int:
        return max(range(len(numbers)), key=numbers.__getitem__)

    def rest(self, numbers: Sequence[float]) -> Facts:
        return {
            "probability": max(numbers),
            "probabilities": dict(zip(self.counted, numbers, strict=True)),
        }

    def rest_json(self, numbers: Sequence[float]) -> str:
        return _inside(self.rest(numbers))

    def many(self, answers: Answers) -> Columns:
        places = self.places(answers)
        return {
            "prediction": [self._values[place] for place in places],
            "probability": answers[np.arange(len(answers)), places].tolist(),
            "label": [self._labels[place] for place in places],
            "probabilities": [
                dict(zip(self.counted, row, strict=True)) for row in answers.tolist()
            ],
        }

    def places(self, answers: Answers) -> NDArray[np.intp]:
        return np.asarray(np.argmax(answers, axis=1), np.intp)

    def learned(self, answers: Answers) -> list[Any]:
        return list(answers.tolist())


class RegressionForm:
    """The number, and where 90 of 100 like it are."""

    counted: tuple[str, ...] = (NUMBER,)
    fixed: tuple[Facts, ...] = ({},)

    def __init__(self, manifest: Manifest) -> None:
        self._low, self._high = manifest.residuals or (0.0, 0.0)
        parts = {"interval_low": "low", "interval_high": "high"}
        self.nested = {"interval": parts}
        self.types = dict.fromkeys(("prediction", *parts), "float64")

    def place(self, _: Sequence[float]) -> int:
        return 0

    def rest(self, numbers: Sequence[float]) -> Facts:
        return {"prediction": numbers[0], "interval": self._interval(numbers[0])}

    def rest_json(self, numbers: Sequence[float]) -> str:
        return _inside(self.rest(numbers))

    def many(self, answers: Answers) -> Columns:
        numbers = answers[:, 0].tolist()
        return {"prediction": numbers, "interval": list(map(self._interval, numbers))}

    def places(self, answers: Answers) -> NDArray[np.intp]:
        return np.zeros(len(answers), np.intp)

    def learned(self, answers: Answers) -> list[Any]:
        return list(answers[:, 0].tolist())

    def _interval(self, number: float) -> dict[str, JsonValue]:
        return {"low": number + self._low, "high": number + self._high}


FORMS: Mapping[Task, Callable[[Manifest], AnswerForm]] = MappingProxyType(
    {
        "binary": BinaryForm,
        "multiclass": MulticlassForm,
        "regression": RegressionForm,
    }
)


def _fixed(manifest: Manifest) -> tuple[Facts, ...]:
    return tuple(
        {"prediction": each.value, "label": each.label} for each in manifest.classes
    )


def _inside(facts: Facts) -> str:
    return json.dumps(facts, separators=(",", ":"))[1:-1]


def _class_types(values: Sequence[int | str]) -> dict[str, str]:
    is_small = all(isinstance(each, int) and abs(each) < 128 for each in values)
    is_whole = all(isinstance(each, int) for each in values)
    kind = "int8" if is_small else "int64" if is_whole else "string"
    return {"prediction": kind, "label": "string"}
