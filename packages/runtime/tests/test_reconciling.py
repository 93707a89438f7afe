"""What does not hold is mended, and told; no reconciliation holds up another."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from relevo_contracts import OutageError
from relevo_contracts.errors import SetupError
from relevo_runtime.reconciling import Reconciliation, reconciling
from relevo_runtime.testing import eventually

OFTEN = 0.01


def counted(what: str) -> float | None:
    return REGISTRY.get_sample_value("relevo_reconciled_total", {"what": what})


async def test_each_thing_that_was_mended_counts_and_is_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    missing = ["one", "two"]

    async def mend() -> AsyncIterator[str]:
        while missing:
            yield missing.pop(0)

    async with reconciling(Reconciliation("sample", mend), every=OFTEN):
        assert counted("sample") == 0
        await eventually(lambda: counted("sample") == 2, "both are mended")
        missing.append("three")
        await eventually(lambda: counted("sample") == 3, "the third one is seen")

    told = [record for record in caplog.records if "mended: sample" in record.message]
    assert len(told) == 3


@pytest.mark.parametrize("error", [OutageError("x"), SetupError("y"), ValueError("z")])
async def test_what_fails_or_hangs_is_looked_at_again_and_holds_up_no_other(
    error: Exception,
) -> None:
    looks: list[str] = []

    async def fails() -> AsyncIterator[str]:
        looks.append("fails")
        raise error
        yield ""

    async def hangs() -> AsyncIterator[str]:
        looks.append("hangs")
        await asyncio.Event().wait()
        yield ""

    async def works() -> AsyncIterator[str]:
        looks.append("works")
        return
        yield ""

    these = [Reconciliation(each.__name__, each) for each in (fails, hangs, works)]
    async with reconciling(*these, every=OFTEN):
        await eventually(lambda: looks.count("works") > 2, "the working one goes on")
        await eventually(lambda: looks.count("fails") > 2, "the failing one comes again")
    assert looks.count("hangs") == 1
