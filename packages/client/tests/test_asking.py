"""A question is asked again when that may help, and a refusal is told in full."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from relevo_client import AsyncClient, Client, ProblemError
from relevo_client.patience import Patience

PROBLEM = {
    "type": "urn:relevo:problem:invalid-row",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "`insulin` is none of its words",
    "errors": [{"field": "insulin", "message": "is none of its words", "allowed": "No"}],
}


def done() -> httpx.Response:
    return httpx.Response(200, json={"prediction": 1})


def busy(seconds: str = "0") -> httpx.Response:
    return httpx.Response(503, headers={"retry-after": seconds}, json={"detail": "busy"})


class Pod(httpx.MockTransport):
    """Answers one after the other; None: the connection fails."""

    def __init__(self, *answers: httpx.Response | None) -> None:
        super().__init__(self.answer)
        self._answers = iter(answers)
        self.asked: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = next(self._answers)
        if answer is None:
            raise httpx.ConnectError("nobody is there")
        return answer


Ask = Callable[..., Awaitable[Any]]


async def by_client(pod: Pod, **options: Any) -> Any:
    with Client("http://pod", transport=pod, **options) as client:
        return client.predict({"insulin": "No"})


async def by_async_client(pod: Pod, **options: Any) -> Any:
    async with AsyncClient("http://pod", transport=pod, **options) as client:
        return await client.predict({"insulin": "No"})


both = pytest.mark.parametrize("ask", [by_client, by_async_client])


@both
async def test_a_pod_that_is_away_or_busy_is_asked_again(ask: Ask) -> None:
    pod = Pod(None, busy(), httpx.Response(429, headers={"retry-after": "0"}), done())

    assert await ask(pod) == {"prediction": 1}

    assert len(pod.asked) == 4
    assert {request.content for request in pod.asked} == {b'{"insulin":"No"}'}


@both
async def test_in_the_end_the_refusal_is_told(ask: Ask) -> None:
    pod = Pod(busy(), busy(), done())

    with pytest.raises(ProblemError, match="503 Service Unavailable: busy"):
        await ask(pod, attempts=2)
    with pytest.raises(httpx.ConnectError):
        await ask(Pod(None), attempts=1)


@both
async def test_what_does_not_fit_is_asked_once_and_told_in_full(ask: Ask) -> None:
    pod = Pod(httpx.Response(422, json=PROBLEM))

    with pytest.raises(ProblemError) as refused:
        await ask(pod)

    problem = refused.value
    assert str(problem) == "422 Unprocessable Content: `insulin` is none of its words"
    assert (problem.status, problem.type) == (422, PROBLEM["type"])
    assert problem.errors == PROBLEM["errors"]


@pytest.mark.parametrize("page", ["<html>502 Bad Gateway</html>", "[]", ""])
@both
async def test_a_proxys_page_is_a_problem_too(ask: Ask, page: str) -> None:
    with pytest.raises(ProblemError, match=r"502 Bad Gateway: ") as refused:
        await ask(Pod(httpx.Response(502, text=page)))

    assert refused.value.detail == page
    assert refused.value.errors == []


@both
async def test_a_model_has_a_path_of_its_own(ask: Ask) -> None:
    pod = Pod(done(), done())

    await ask(pod)
    await ask(pod, model="a b", headers={"x-api-key": "k"})

    assert [str(request.url.raw_path, "ascii") for request in pod.asked] == [
        "/predict",
        "/models/a%20b/predict",
    ]
    assert pod.asked[1].headers["x-api-key"] == "k"


def test_it_waits_as_long_as_it_is_told_and_else_longer_each_time() -> None:
    patience = Patience(attempts=4)

    assert patience.after(1, busy("3")) == 3
    assert patience.after(1, busy("31")) is None
    assert patience.after(1, busy("soon")) == 0.2
    assert [patience.after(attempt, None) for attempt in (1, 2, 3, 4)] == [
        0.2,
        0.4,
        0.8,
        None,
    ]
    assert patience.after(1, done()) is None
