"""What becomes of messages on a real broker: handled, read again, or dead."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from relevo_contracts import BatchRaw, DeadLetter, Envelope, OutageError, PoisonError, Topic
from relevo_runtime.fakes import RecordingPublisher
from relevo_runtime.kafka.consuming import consume
from relevo_runtime.kafka.publisher import EventPublisher, open_publisher
from relevo_runtime.metrics import OUTAGE_SINCE
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.testing import Probe, eventually

pytestmark = pytest.mark.servers

RAW = Topic.BATCH_RAW
BatchMaker = Callable[[], BatchRaw]


@dataclass
class Handling:
    """A handler that fails as it is told, and keeps what it was given."""

    failing: dict[str, list[Exception]] = field(default_factory=dict)
    attempts: list[str] = field(default_factory=list)
    handled: list[BatchRaw] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)

    async def __call__(self, event: BatchRaw, envelope: Envelope) -> None:
        self.attempts.append(event.batch_id)
        if self.failing.get(event.batch_id):
            raise self.failing[event.batch_id].pop(0)
        self.handled.append(event)
        self.envelopes.append(envelope)


Consuming = Callable[[Handling], AbstractAsyncContextManager[None]]


@pytest.fixture
async def consuming(
    settings: ServiceSettings, probe: Probe, group: str
) -> AsyncIterator[Consuming]:
    """Consumes with a handler, from what the test sends on."""
    await probe.skip_all(RAW, group)
    async with open_publisher(settings, service=group) as publisher:
        yield lambda handler: consume(
            settings, service=group, event=BatchRaw, handler=handler, publisher=publisher
        )


async def dead_letters(probe: Probe, group: str) -> list[DeadLetter]:
    """What this test's service has buried."""
    records = await probe.records(RAW.dead)
    letters = [DeadLetter.from_headers(record.headers) for record in records]
    return [letter for letter in letters if letter.service == group]


def same_partition(make: BatchMaker, number: int) -> list[BatchRaw]:
    """Batches that have one key, so that one waits behind the other."""
    first = make()
    return [first.model_copy(update={"number": n}) for n in range(1, number + 1)]


def unpaused() -> bool:
    """No partition of this process waits for the end of an outage."""
    return not [sample for metric in OUTAGE_SINCE.collect() for sample in metric.samples]


async def test_an_event_is_handled_and_then_committed(
    consuming: Consuming, probe: Probe, group: str, batch: BatchMaker
) -> None:
    ends = await probe.committed(RAW, group)
    sent, handling = batch(), Handling()

    async with consuming(handling):
        place = await probe.send(sent)
        await eventually(lambda: handling.handled == [sent], "the event is handled")

    assert handling.envelopes[0].subject == sent.batch_id
    committed = await probe.committed(RAW, group)
    assert committed[place.partition] == ends[place.partition] + 1


UNREADABLE: dict[str, tuple[bytes | None, list[tuple[str, bytes | None]]]] = {
    "bad JSON": (b'{"batch_id": ', []),
    "a missing field": (b"{}", []),
    "an empty body": (b"", []),
    "a tombstone": (None, []),
    "not UTF-8": (b"\xff\xfe\x00", []),
    "an attribute that is not UTF-8": (b"{}", [("ce_source", b"\xff\xfe")]),
    "an attribute without a value": (b"{}", [("ce_id", None)]),
    "another type": (b"{}", [("ce_type", b"relevo.batch.raw.v2")]),
    "a time that is none": (b"{}", [("ce_time", b"yesterday")]),
}


async def test_whatever_does_not_parse_is_dead_at_once_and_the_next_event_is_handled(
    consuming: Consuming, probe: Probe, group: str, batch: BatchMaker
) -> None:
    sent, handling = batch(), Handling()
    usual = Envelope.of(sent, source="test", cause="parse").to_headers()

    async with consuming(handling):
        for kind, (body, headers) in UNREADABLE.items():
            changed = {name for name, _ in headers}
            kept = [header for header in usual if header[0] not in changed]
            await probe.send_raw(
                RAW, body, key=kind.encode(), headers=[*kept, *headers], partition=3
            )
        last = await probe.send_raw(
            RAW,
            sent.model_dump_json().encode(),
            headers=[*usual, ("foreign", b"\xff\xfe")],
            partition=3,
        )
        await eventually(lambda: handling.handled == [sent], "the good event is handled")

    assert handling.attempts == [sent.batch_id]
    records = [
        record
        for record in await probe.records(RAW.dead)
        if DeadLetter.from_headers(record.headers).service == group
    ]
    assert [record.key.decode() for record in records] == list(UNREADABLE)
    for record, (body, headers) in zip(records, UNREADABLE.values(), strict=True):
        letter = DeadLetter.from_headers(record.headers)
        assert record.value == (body or b"")
        assert set(headers) <= set(record.headers)
        assert (letter.kind, letter.stage) == ("poison", "parse")
        assert (letter.topic, letter.partition) == (RAW, last.partition)
        assert letter.reason
    offsets = [DeadLetter.from_headers(record.headers).offset for record in records]
    committed = await probe.committed(RAW, group)
    assert offsets == sorted(offsets)
    assert committed[3] == offsets[-1] + 2


async def test_a_record_with_neither_key_nor_body_is_buried(
    consuming: Consuming, probe: Probe, group: str
) -> None:
    async with consuming(Handling()):
        await probe.send_raw(RAW, b"", partition=0)

        async def buried() -> bool:
            return len(await dead_letters(probe, group)) == 1

        await eventually(buried, "the record is in the dead letters")


async def test_an_event_that_the_handler_calls_poison_is_dead_after_one_attempt(
    consuming: Consuming, probe: Probe, group: str, batch: BatchMaker
) -> None:
    bad, good = same_partition(batch, 2)
    handling = Handling({bad.batch_id: [PoisonError("unknown dataset 'test'")]})

    async with consuming(handling):
        place = await probe.send(bad)
        await probe.send(good)
        await eventually(lambda: handling.handled == [good], "the next one is handled")

    (letter,) = await dead_letters(probe, group)
    assert letter.reason == "unknown dataset 'test'"
    assert (letter.kind, letter.stage) == ("poison", "handle")
    assert letter.partition == place.partition
    assert len(handling.attempts) == 2


@pytest.mark.parametrize("bug", [ZeroDivisionError("a bug"), TimeoutError("of a handler")])
async def test_a_bug_is_tried_three_times_and_then_dead(
    consuming: Consuming, probe: Probe, group: str, batch: BatchMaker, bug: Exception
) -> None:
    bad, good = same_partition(batch, 2)
    handling = Handling({bad.batch_id: [bug, bug, bug]})

    async with consuming(handling):
        await probe.send(bad)
        await probe.send(good)
        await eventually(lambda: handling.handled == [good], "the next one is handled")

    (letter,) = await dead_letters(probe, group)
    assert letter.kind == "bug"
    assert letter.reason == repr(bug)
    assert len(handling.attempts) == 4


async def test_a_bug_that_passes_leaves_no_dead_letter(
    consuming: Consuming, probe: Probe, group: str, batch: BatchMaker
) -> None:
    sent = batch()
    handling = Handling({sent.batch_id: [ValueError("once"), ValueError("twice")]})

    async with consuming(handling):
        await probe.send(sent)
        await eventually(lambda: handling.handled == [sent], "the third attempt works")

    assert await dead_letters(probe, group) == []


@pytest.mark.parametrize("away", [OutageError("the store"), ConnectionError("refused")])
async def test_an_outage_holds_its_partition_only_and_nothing_is_dead_or_out_of_order(
    consuming: Consuming, probe: Probe, group: str, batch: BatchMaker, away: Exception
) -> None:
    ends = await probe.committed(RAW, group)
    first, second = same_partition(batch, 2)
    handling = Handling({first.batch_id: [away] * 6})

    async with consuming(handling):
        held = await probe.send(first)
        await eventually(lambda: len(handling.attempts) >= 1, "the outage begins")
        assert not unpaused()
        await probe.send(second)
        other = batch()
        number = (held.partition + 1) % RAW.partitions
        await probe.send_raw(
            RAW,
            other.model_dump_json().encode(),
            headers=Envelope.of(other, source="test", cause="other").to_headers(),
            partition=number,
        )
        await eventually(lambda: other in handling.handled, "the other partition goes on")
        assert first not in handling.handled
        expected = ends | {number: ends[number] + 1}

        async def only_the_other_is_committed() -> bool:
            return await probe.committed(RAW, group) == expected

        await eventually(only_the_other_is_committed, "the other is committed, it is not")
        await eventually(lambda: len(handling.handled) == 3, "the outage ends")

    assert handling.handled == [other, first, second]
    assert await dead_letters(probe, group) == []
    assert unpaused()
    committed = await probe.committed(RAW, group)
    assert committed[held.partition] == ends[held.partition] + 2


async def test_an_event_whose_result_could_not_be_published_is_not_committed(
    settings: ServiceSettings, probe: Probe, group: str, batch: BatchMaker
) -> None:
    ends = await probe.skip_all(RAW, group)
    sent, results, attempts = batch(), RecordingPublisher(away=True), list[str]()

    async def handler(event: BatchRaw, envelope: Envelope) -> None:
        attempts.append(event.batch_id)
        await results.publish(event, envelope)

    async with consume(
        settings, service=group, event=BatchRaw, handler=handler, publisher=results
    ):
        place = await probe.send(sent)
        await eventually(lambda: len(attempts) >= 3, "it is tried again and again")
        during = await probe.committed(RAW, group)
        assert during[place.partition] == ends[place.partition]
        results.away = False
        await eventually(lambda: results.events == [sent], "it is published")

    after = await probe.committed(RAW, group)
    assert after[place.partition] == ends[place.partition] + 1


class Undertaker(RecordingPublisher):
    """Cannot bury for a while, for a reason that nobody thought of."""

    refusals = 3

    async def bury(self, letter: DeadLetter, **message: object) -> None:
        if self.refusals:
            self.refusals -= 1
            raise RuntimeError("no dead letter today")
        await super().bury(letter, **message)  # type: ignore[arg-type]


async def test_poison_waits_like_an_outage_while_no_dead_letter_can_be_written(
    settings: ServiceSettings, probe: Probe, group: str
) -> None:
    ends = await probe.skip_all(RAW, group)
    undertaker = Undertaker()

    async with consume(
        settings, service=group, event=BatchRaw, handler=Handling(), publisher=undertaker
    ):
        await probe.send_raw(RAW, b"nonsense", key=b"k", partition=1)
        await eventually(lambda: undertaker.refusals < 3, "the first dead letter fails")
        during = await probe.committed(RAW, group)
        assert during[1] == ends[1]
        await eventually(lambda: len(undertaker.buried) == 1, "the dead letter is written")

    assert undertaker.buried[0].body == b"nonsense"
    committed = await probe.committed(RAW, group)
    assert committed[1] == ends[1] + 1


async def test_an_outage_is_never_buried_not_even_after_bugs_that_could_not_be(
    settings: ServiceSettings, probe: Probe, group: str, batch: BatchMaker
) -> None:
    await probe.skip_all(RAW, group)
    sent, undertaker, bug = batch(), Undertaker(), ValueError("a bug that passes")
    failing: list[Exception] = [bug, bug, bug, OutageError("the store is away")]
    handling = Handling({sent.batch_id: failing})

    async with consume(
        settings, service=group, event=BatchRaw, handler=handling, publisher=undertaker
    ):
        await probe.send(sent)
        await eventually(lambda: handling.handled == [sent], "it is handled in the end")

    assert undertaker.refusals == 2
    assert undertaker.buried == []


@asynccontextmanager
async def quickly(
    context: AbstractAsyncContextManager[None], *, seconds: float
) -> AsyncIterator[None]:
    """Enters the context; leaving it may take so long at most."""
    await context.__aenter__()
    yield
    async with asyncio.timeout(seconds):
        await context.__aexit__(None, None, None)


async def test_a_stop_in_an_outage_is_quick_and_the_event_comes_again(
    settings: ServiceSettings, consuming: Consuming, probe: Probe, batch: BatchMaker
) -> None:
    sent, handling = batch(), Handling()
    handling.failing[sent.batch_id] = [OutageError("away")] * 1000

    async with quickly(consuming(handling), seconds=2):
        await probe.send(sent)
        await eventually(lambda: len(handling.attempts) >= 5, "it is tried again")
    assert unpaused()

    handling.failing.clear()
    async with consuming(handling):
        await eventually(lambda: handling.handled == [sent], "it is handled after all")


async def test_a_stop_lets_the_running_handler_end_and_commits(
    settings: ServiceSettings, probe: Probe, group: str, batch: BatchMaker
) -> None:
    ends = await probe.skip_all(RAW, group)
    begun, handled = asyncio.Event(), list[BatchRaw]()

    async def handler(event: BatchRaw, envelope: Envelope) -> None:
        begun.set()
        await asyncio.sleep(0.4)  # the work
        handled.append(event)

    async with consume(
        settings, service=group, event=BatchRaw, handler=handler,
        publisher=RecordingPublisher(),
    ):  # fmt: skip
        place = await probe.send(batch())
        await begun.wait()

    assert len(handled) == 1
    committed = await probe.committed(RAW, group)
    assert committed[place.partition] == ends[place.partition] + 1


async def test_a_handler_that_takes_too_long_at_a_stop_is_ended_and_its_event_comes_again(
    settings: ServiceSettings, probe: Probe, group: str, batch: BatchMaker
) -> None:
    await probe.skip_all(RAW, group)
    hasty = settings.model_copy(update={"drain_seconds": 0.3})
    begun, ended, handling = asyncio.Event(), list[str](), Handling()

    async def endless(event: BatchRaw, envelope: Envelope) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(event.batch_id)

    publisher: EventPublisher = RecordingPublisher()
    sent = batch()
    async with quickly(
        consume(hasty, service=group, event=BatchRaw, handler=endless, publisher=publisher),
        seconds=3,
    ):
        await probe.send(sent)
        await begun.wait()
    await eventually(lambda: ended == [sent.batch_id], "the handler is cancelled")

    async with consume(
        settings, service=group, event=BatchRaw, handler=handling, publisher=publisher
    ):
        await eventually(lambda: handling.handled == [sent], "it is handled after all")
