"""A topic as it stands: each record of it, or an outage."""

from collections.abc import Callable

import pytest

from relevo_contracts import ModelPromoted, OutageError, Topic
from relevo_runtime.kafka.reading import read_all
from relevo_runtime.kafka.unread import has_unread
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.testing import Probe

pytestmark = pytest.mark.servers

PROMOTED = Topic.MODEL_PROMOTED


async def test_tombstones_and_rubbish_are_read_too_and_the_topic_to_its_end(
    settings: ServiceSettings,
    probe: Probe,
    group: str,
    promotion: Callable[[str], ModelPromoted],
) -> None:
    event = promotion("1")
    key = event.key.encode()
    await probe.send(event)
    await probe.send_raw(PROMOTED, b"{", key=key)
    await probe.send_raw(PROMOTED, None, key=key)

    records = await read_all(settings, service=group, topic=PROMOTED)

    ours = [record.value for record in records if record.key == key]
    assert ours == [event.model_dump_json().encode(), b"{", None]


async def test_a_group_has_unread_records_until_it_has_committed_the_last_one(
    settings: ServiceSettings,
    probe: Probe,
    group: str,
    promotion: Callable[[str], ModelPromoted],
) -> None:
    await probe.send(promotion("1"))
    never_there = await has_unread(settings, topic=PROMOTED, group=group)
    await probe.skip_all(PROMOTED, group)
    at_the_end = await has_unread(settings, topic=PROMOTED, group=group)
    await probe.send(promotion("2"))
    behind = await has_unread(settings, topic=PROMOTED, group=group)

    assert (never_there, at_the_end, behind) == (True, False, True)


async def test_no_broker_is_an_outage(settings: ServiceSettings) -> None:
    nowhere = settings.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})

    with pytest.raises(OutageError):
        await read_all(nowhere, service="test", topic=PROMOTED)
    with pytest.raises(OutageError):
        await has_unread(nowhere, topic=PROMOTED, group="test")
