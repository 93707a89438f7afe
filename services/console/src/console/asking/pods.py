"""The pods that answer: asked in turn; one that is away, or has no model, is passed by."""

from collections.abc import AsyncIterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from relevo_contracts import ClassWords, Feature, Task

ROW_SECONDS = httpx.Timeout(10.0, connect=2.0)
ROWS_SECONDS = httpx.Timeout(120.0, connect=2.0)
CSV = "text/csv"
PASSED_BY = {404, 502, 503, 504}
"""Another pod may know the model, or have one."""

NOT_LET_IN = {401, 403}
"""The console's own key is none of the pod's: whoever runs the platform can mend it."""

FACTS: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


class Silence(Exception):
    """No pod answers as a pod; says why, and what to do."""


class Model(BaseModel):
    """What a pod tells of the version that answers (GET /models/{name})."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())

    model_name: str
    model_version: str
    pod: str
    dataset: str
    task: Task
    classes: tuple[ClassWords, ...] = ()
    algorithm: str
    threshold: float | None = None
    features: tuple[Feature, ...]
    examples: dict[str, dict[str, JsonValue]] = {}


class Pods:
    """All of them behind one question; each question begins with the next one."""

    def __init__(self, client: httpx.AsyncClient, urls: Sequence[str]) -> None:
        self._client = client
        self._urls = [url.rstrip("/") for url in urls]
        self._turn = 0

    async def names(self) -> list[str]:
        """The models that answer or will, the default first; raises Silence."""
        answer, _ = await self._ask("/models")
        try:
            return [str(each["model_name"]) for each in facts(answer)["models"]]
        except (KeyError, TypeError) as error:
            raise Silence(f"{answer.url} tells no models: is it a pod?") from error

    async def model(self, name: str, at: str | None = None) -> tuple[Model, str]:
        """What answers for a model, and the address of the pod that told it.

        at: the pod to be asked, else the next one. Raises Silence.
        """
        answer, url = await self._ask(f"/models/{quote(name, safe='')}", at=at)
        if answer.status_code != 200:
            raise Silence(f"no model {name} answers: {said(answer)}")
        try:
            return Model.model_validate_json(answer.content), url
        except ValidationError as error:
            raise Silence(f"{answer.url} tells something else than a model") from error

    async def predict(
        self, name: str, row: Mapping[str, JsonValue]
    ) -> tuple[httpx.Response, str]:
        """The answer to a row or the refusal of it, and who gave it; raises Silence."""
        return await self._ask(f"/models/{quote(name, safe='')}/predict", row=row)

    async def predict_rows(
        self, name: str, url: str, rows: AsyncIterable[bytes], headers: Mapping[str, str]
    ) -> httpx.Response:
        """What one pod answers to many rows, to be read as it comes and closed: a CSV.

        Raises Silence.
        """
        request = self._client.build_request(
            "POST",
            f"{url}/predict_batch",
            params={"model_name": name},
            headers={"accept": CSV, **headers},
            content=rows,
            timeout=ROWS_SECONDS,
        )
        try:
            return await self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise Silence(f"{url} went away meanwhile ({reason(error)})") from error

    async def _ask(
        self, path: str, *, at: str | None = None, row: object = None
    ) -> tuple[httpx.Response, str]:
        method = "GET" if row is None else "POST"
        refused: tuple[httpx.Response, str] | None = None
        away = []
        for url in [at] if at else self._in_turn():
            try:
                answer = await self._client.request(
                    method, url + path, timeout=ROW_SECONDS, json=row
                )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                away.append(f"{url} ({reason(error)})")
                continue
            if answer.status_code in NOT_LET_IN:
                raise Silence(f"{url} does not take RELEVO_API_KEY: {said(answer)}")
            if answer.status_code not in PASSED_BY:
                return answer, url
            refused = answer, url
        if refused is None:
            raise Silence(f"no pod answers: {', '.join(away)}")
        return refused

    def _in_turn(self) -> list[str]:
        self._turn = (self._turn + 1) % len(self._urls)
        return self._urls[self._turn :] + self._urls[: self._turn]


def facts(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; {} when it is none."""
    try:
        return FACTS.validate_json(answer.content)
    except ValidationError:
        return {}


def said(answer: httpx.Response) -> str:
    """Why a pod refused, in its own words."""
    return str(facts(answer).get("detail") or f"{answer.url} says {answer.status_code}")


def reason(error: Exception) -> str:
    """In words, also for errors that have none."""
    return str(error) or type(error).__name__
