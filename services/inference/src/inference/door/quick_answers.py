"""The answer to a body that is plainly one valid row, as bytes; and it is counted.

The same facts, in the same series, as `answers` gives the ordinary route.
"""

import json
import time
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from uuid_utils import uuid7

from inference import metrics
from inference.duty.predicting import Prediction, ServingModel
from inference.duty.slot import Slot


class QuickAnswers:
    """Answers by the model in a slot, on behalf of a route."""

    def __init__(self, slot: Slot, *, route: str) -> None:
        self._slot = slot
        self._count = metrics.REQUESTS.labels(route, slot.model, "200").inc
        self._time = metrics.REQUEST_DURATION.labels(route, slot.model).observe
        self._words: Words | None = None
        # weak: a route that nobody asks must not keep a model that was relieved
        self._of: Callable[[], ServingModel | None] = lambda: None

    def answer(self, body: bytes) -> bytes | None:
        """Headers of its own and JSON; None: the ordinary route has to answer."""
        start = time.perf_counter()
        if self._slot.serving is None:
            return None
        model = self._slot.serving.model
        prediction = model.predict_plain(body)
        if prediction is None:
            return None
        if self._words is None or self._of() is not model:
            self._of, self._words = weakref.ref(model), Words(model)
        answer = self._words.say(prediction)
        self._count()
        self._time(time.perf_counter() - start)
        return answer


class Words:
    """What a model's answers say; all that is the same in each is written once."""

    def __init__(self, model: ServingModel) -> None:
        self._model = model.name
        self._form = model.form
        facts = {"model_name": model.name, "model_version": model.version}
        self._formats = [_format({**fixed, **facts}) for fixed in model.form.fixed]
        self._counts = [
            metrics.PREDICTIONS.labels(model.name, model.version, prediction).inc
            for prediction in model.form.counted
        ]

    def say(self, prediction: Prediction) -> bytes:
        """The answer; it is counted."""
        numbers, unseen = prediction.numbers, prediction.unseen
        place = self._form.place(numbers)
        self._counts[place]()
        told = json.dumps(unseen) if unseen else "[]"
        facts = (self._form.rest_json(numbers), uuid7(), now(), told)
        body = (self._formats[place] % facts).encode()
        if not unseen:
            return HEAD % (len(body), body)
        for feature in unseen:
            metrics.UNSEEN.labels(self._model, feature).inc()
        names = ", ".join(unseen).encode("latin-1", "replace")
        return b"x-relevo-unseen: " + names + b"\r\n" + HEAD % (len(body), body)


HEAD = b"content-length: %d\r\ncontent-type: application/json\r\n\r\n%b"


def _format(facts: dict[str, object]) -> str:
    """The JSON of an answer, with places for what is its own."""
    known = json.dumps(facts, separators=(",", ":"))[:-1].replace("%", "%%")
    return known + ',%s,"prediction_id":"%s","timestamp":"%s","unseen":%s}'


def now() -> str:
    """The moment in RFC 3339, UTC, to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    return f"{_second(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
