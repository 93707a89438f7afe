"""A compacted topic read from its start without a group, on a real broker."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from relevo_contracts import Envelope, ModelPromoted, OutageError, PoisonError, Topic
from relevo_runtime.kafka.consuming import follow
from relevo_runtime.kafka.following import read_again
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.testing import Probe, eventually

pytestmark = pytest.mark.servers

Promote = Callable[[str], ModelPromoted]


@dataclass
class Reader:
    """A handler that hears one model, fails as it is told, and may be held."""

    model: str
    failing: list[Exception] = field(default_factory=list)
    attempts: int = 0
    versions: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, event: ModelPromoted, _: Envelope, offset: int) -> None:
        if event.model != self.model:
            return  # of another test
        self.attempts += 1
        await self.may_end.wait()
        if self.failing:
            raise self.failing.pop(0)
        self.versions.append(event.model_version)
        self.offsets.append(offset)


async def test_a_new_reader_has_caught_up_when_all_that_stood_there_is_handled(
    settings: ServiceSettings, probe: Probe, group: str, promotion: Promote
) -> None:
    for version in ("1", "2", "3"):
        await probe.send(promotion(version), cause=version)
    reader = Reader(promotion("1").model)

    async with follow(
        settings, service=group, event=ModelPromoted, handler=reader
    ) as following:
        await eventually(lambda: reader.attempts == 1, "the first is being handled")
        assert not following.caught_up
        reader.may_end.set()
        await eventually(lambda: following.caught_up, "it has caught up")
        assert reader.versions == ["1", "2", "3"]
        await probe.send(promotion("4"), cause="4")
        await eventually(lambda: reader.versions[-1] == "4", "it hears what comes later")

    assert reader.offsets == sorted(reader.offsets)


async def test_every_reader_hears_every_promotion(
    settings: ServiceSettings, probe: Probe, group: str, promotion: Promote
) -> None:
    readers = [Reader(promotion("1").model) for _ in range(2)]
    for reader in readers:
        reader.may_end.set()

    async with (
        follow(settings, service=group, event=ModelPromoted, handler=readers[0]),
        follow(settings, service=group, event=ModelPromoted, handler=readers[1]),
    ):
        await probe.send(promotion("1"))
        await eventually(
            lambda: all(reader.versions == ["1"] for reader in readers), "both hear it"
        )


@pytest.mark.parametrize(
    ("failing", "heard", "attempts"),
    [
        ([OutageError("the store is away")] * 5, ["1", "2"], 7),
        ([ConnectionError("refused")] * 5, ["1", "2"], 7),
        ([PoisonError("a wrong bundle")], ["2"], 2),
        ([ZeroDivisionError("a bug")] * 3, ["2"], 4),
        ([ZeroDivisionError("a bug that passes")] * 2, ["1", "2"], 4),
    ],
)
async def test_an_outage_is_waited_for_and_what_cannot_be_handled_is_left_out(
    settings: ServiceSettings,
    probe: Probe,
    group: str,
    promotion: Promote,
    failing: list[Exception],
    heard: list[str],
    attempts: int,
) -> None:
    reader = Reader(promotion("1").model, failing=list(failing))
    reader.may_end.set()

    async with follow(
        settings, service=group, event=ModelPromoted, handler=reader
    ) as following:
        await probe.send(promotion("1"), cause="1")
        await probe.send(promotion("2"), cause="2")
        await eventually(lambda: reader.versions == heard, "it goes on")
        await eventually(lambda: following.caught_up, "it has caught up")

    assert reader.attempts == attempts


async def test_a_record_that_does_not_parse_is_left_out(
    settings: ServiceSettings, probe: Probe, group: str, promotion: Promote
) -> None:
    reader = Reader(promotion("1").model)
    reader.may_end.set()

    async with follow(settings, service=group, event=ModelPromoted, handler=reader):
        await probe.send_raw(Topic.MODEL_PROMOTED, b"nonsense", key=b"k")
        await probe.send_raw(Topic.MODEL_PROMOTED, None, key=b"k")
        await probe.send_raw(
            Topic.MODEL_PROMOTED, b"{}", key=b"k", headers=[("ce_id", b"\xff")]
        )
        await probe.send(promotion("1"))
        await eventually(lambda: reader.versions == ["1"], "the next one is heard")


async def test_the_topic_is_read_again_to_its_end_and_no_further(
    settings: ServiceSettings, probe: Probe, group: str, promotion: Promote
) -> None:
    reader = Reader(promotion("1").model)
    reader.may_end.set()
    for version in ("1", "2"):
        await probe.send(promotion(version), cause=version)

    for _ in range(2):
        async with asyncio.timeout(10):
            await read_again(settings, service=group, event=ModelPromoted, handler=reader)

    assert reader.versions == ["1", "2", "1", "2"]


async def test_a_topic_is_not_read_again_without_a_broker(group: str) -> None:
    nobody = ServiceSettings(kafka_bootstrap_servers="127.0.0.1:1")

    with pytest.raises(OutageError, match="Kafka is away"):
        await read_again(nobody, service=group, event=ModelPromoted, handler=Reader("any"))


async def test_a_reading_that_takes_too_long_leaves_no_connection_open(
    group: str,
) -> None:
    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            pass
        writer.close()
        gone.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    nobody = ServiceSettings(kafka_bootstrap_servers=f"127.0.0.1:{port}")
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await read_again(
                    nobody, service=group, event=ModelPromoted, handler=Reader("any")
                )
        async with asyncio.timeout(5):
            await gone.wait()
    finally:
        server.close()
