"""Waiting with patience for what is away."""

import pytest

from relevo_contracts import OutageError
from relevo_runtime.retries import patiently, waits


class Flaky:
    """Fails so often, then answers; keeps what the process said it waits for."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.failures = failures
        self.error = error or OutageError("away")
        self.calls = 0
        self.waits: list[list[str]] = []

    async def __call__(self) -> str:
        self.calls += 1
        self.waits.append(waits())
        if self.calls <= self.failures:
            raise self.error
        return "answer"


async def test_an_operation_is_repeated_until_the_outage_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    flaky = Flaky(5)

    assert await patiently(flaky, what="the store", first_delay=0.001) == "answer"

    assert flaky.calls == 6
    assert flaky.waits[0] == []
    assert flaky.waits[-1] == ["the store"]
    assert waits() == []
    assert caplog.messages == ["waiting for the store", "the store is back"]


async def test_what_works_at_once_is_not_worth_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")

    assert await patiently(Flaky(0), what="the store") == "answer"

    assert caplog.messages == []


async def test_any_other_error_comes_out_at_once() -> None:
    flaky = Flaky(1, ValueError("a bug"))

    with pytest.raises(ValueError, match="a bug"):
        await patiently(flaky, what="the store")

    assert flaky.calls == 1


async def test_an_error_after_an_outage_ends_the_wait() -> None:
    errors = [OutageError("away"), ValueError("a bug")]

    async def operation() -> None:
        raise errors.pop(0)

    with pytest.raises(ValueError, match="a bug"):
        await patiently(operation, what="the store", first_delay=0.001)

    assert waits() == []
