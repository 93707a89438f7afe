"""Rows become predictions: the model that answers, and what it answers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from relevo_bundles import Bundle, CleanRow, FieldError, RequestSchema
from relevo_contracts import Manifest


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer to one row; unseen: its fields with a value that nobody knows."""

    prediction: int
    probability: float
    label: str
    unseen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row of many; field None: with the row as a whole."""

    row: int
    field: str | None
    message: str
    value: str | None = None
    allowed: str | None = None


class ServingModel:
    """A bundle under the name and version that the registry gave it; immutable."""

    def __init__(self, bundle: Bundle, *, name: str, version: str) -> None:
        self.name = name
        self.version = version
        self._bundle = bundle
        self._schema = RequestSchema(bundle.manifest)

    @property
    def manifest(self) -> Manifest:
        """What the model takes, and whence it came."""
        return self._bundle.manifest

    def predict(self, row: dict[str, JsonValue]) -> Prediction | list[FieldError]:
        """The answer to one row, or all that is wrong with it."""
        checked = self._schema.check(row)
        return self._answers([checked])[0] if isinstance(checked, CleanRow) else checked

    def predict_many(
        self, rows: Sequence[JsonValue]
    ) -> tuple[dict[int, Prediction], list[RowError]]:
        """The answers by the row's place, from 0, and what is wrong with the others."""
        fitting: dict[int, CleanRow] = {}
        errors: list[RowError] = []
        for place, row in enumerate(rows):
            if not isinstance(row, dict):
                errors.append(RowError(place, None, "is not a JSON object"))
            elif isinstance(checked := self._schema.check(row), CleanRow):
                fitting[place] = checked
            else:
                errors += [
                    RowError(place, each.field, each.message, each.value, each.allowed)
                    for each in checked
                ]
        answers = self._answers(list(fitting.values()))
        return dict(zip(fitting, answers, strict=True)), errors

    def _answers(self, rows: Sequence[CleanRow]) -> list[Prediction]:
        columns = {
            feature.name: [row.values[feature.name] for row in rows]
            for feature in self.manifest.features
        }
        labels, threshold = self.manifest.labels, self.manifest.threshold
        return [
            Prediction(
                prediction=(prediction := int(probability >= threshold)),
                probability=probability,
                label=labels[prediction],
                unseen=row.unseen,
            )
            for row, probability in zip(
                rows, self._bundle.probabilities(columns).tolist(), strict=True
            )
        ]
