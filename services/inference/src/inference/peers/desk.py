"""What the doors of all peers share: a body within the limits becomes one answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from fastapi import Request, Response

from inference.door.api import serving
from inference.door.batches import judge, names_check, predict_parts
from inference.door.model_routes import find
from inference.door.overload import visit_of
from inference.door.turns import Turns
from inference.duty.predicting import Predictions, ServingModel
from inference.duty.slots import Slots
from inference.tables.bodies import Limits, read_body
from inference.tables.parts import CheckNames, Part
from inference.tables.problems import no_model
from relevo_runtime.http.readiness import Readiness

Work = Callable[[ServingModel, bytes], Response]
"""Raises Problem when the body is not what it is to be."""


@dataclass(frozen=True)
class Desk:
    """The models, what a request may be at most, and the batches' turns."""

    slots: Slots
    readiness: Readiness
    limits: Limits
    batches: Turns

    def model(self, request: Request, name: str | None) -> ServingModel:
        """Who answers for a model; raises Problem 404 or 503."""
        return serving(find(request, self.slots, name), self.readiness).model

    def is_ready(self, request: Request) -> None:
        """Raises Problem 503 while the default model does not answer."""
        if not self.readiness.ready:
            raise no_model(self.readiness.reason)
        self.model(request, None)

    async def answer(self, request: Request, name: str | None, work: Work) -> Response:
        """What the work answers to the body, by the limits and in the turn of a batch."""
        find(request, self.slots, name)
        visit = visit_of(request)
        body = await read_body(request, self.limits, visit.take)
        model = self.model(request, name)
        return await self.batches.run(partial(work, model, body), visit)


def predict_all(
    model: ServingModel, read: Callable[[CheckNames], Iterable[Part]]
) -> Predictions:
    """The answers to all rows: peers have no words for some of them.

    Raises Problem for a row that does not fit, and what the reading raises.
    """
    answers, rows = predict_parts(model, read(names_check(model)))
    judge(model, answers, rows=rows, strict=True)
    return answers
