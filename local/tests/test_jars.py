"""Kafka's jars: what is fetched is what was tested, and nothing is fetched twice."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from relevo_local.reports import Report, silent
from relevo_local.servers.jars import Fetch, Jar, JarRefused, kafka_jars, listed_jars


def jar_of(name: str, content: bytes) -> Jar:
    path = f"org/some/{name}/1.0/{name}-1.0.jar"
    return Jar(hashlib.sha256(content).hexdigest(), len(content), path)


JARS = [jar_of(f"part-{number}", b"content %d" % number) for number in range(12)]


class Remote:
    """A Maven repository; remembers what it was asked for."""

    def __init__(self, folder: Path, contents: dict[str, bytes]) -> None:
        self.folder, self.contents = folder, contents
        self.asked: list[str] = []

    def fetch(self, jar: Jar) -> Path:
        self.asked.append(jar.name)
        if jar.name not in self.contents:
            raise TimeoutError("no route to host")
        path = self.folder / f"{jar.name}.fetched"
        path.write_bytes(self.contents[jar.name])
        return path

    @property
    def fetcher(self) -> Callable[[], AbstractContextManager[Fetch]]:
        @contextmanager
        def opened() -> Iterator[Fetch]:
            yield self.fetch

        return opened


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path, {f"part-{n}": b"content %d" % n for n in range(12)})


def test_all_jars_are_fetched_and_progress_is_told(tmp_path: Path, remote: Remote) -> None:
    told: list[Report] = []
    paths = kafka_jars(
        told.append, jars=JARS, folder=tmp_path / "cache", fetcher=remote.fetcher
    )

    assert [path.read_bytes() for path in paths] == [b"content %d" % n for n in range(12)]
    assert told[-1].text == "getting Kafka: 12 of 12 jars"
    assert [report.counted for report in told] == [(n, 12) for n in range(1, 13)]


def test_a_second_start_fetches_nothing(tmp_path: Path, remote: Remote) -> None:
    for _ in range(2):
        kafka_jars(silent, jars=JARS, folder=tmp_path / "cache", fetcher=remote.fetcher)
    assert len(remote.asked) == len(JARS)


def test_a_spoilt_jar_alone_is_fetched_again(tmp_path: Path, remote: Remote) -> None:
    def get() -> list[Path]:
        return kafka_jars(
            silent, jars=JARS, folder=tmp_path / "cache", fetcher=remote.fetcher
        )

    get()[3].write_bytes(b"half of i")
    remote.asked.clear()

    assert get()[3].read_bytes() == b"content 3"
    assert remote.asked == ["part-3"]


def test_a_jar_with_another_content_is_refused(tmp_path: Path, remote: Remote) -> None:
    remote.contents["part-5"] = b"something else"
    with pytest.raises(JarRefused, match="part-5"):
        kafka_jars(silent, jars=JARS, folder=tmp_path / "cache", fetcher=remote.fetcher)


def test_without_network_the_error_says_what_is_needed(
    tmp_path: Path, remote: Remote
) -> None:
    remote.contents.clear()
    with pytest.raises(ConnectionError, match="Connect to the network"):
        kafka_jars(silent, jars=JARS, folder=tmp_path / "cache", fetcher=remote.fetcher)


def test_the_list_names_a_complete_kafka() -> None:
    jars = listed_jars()
    assert len(jars) == 47
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in jars)
    names = {(jar.group, jar.name, jar.version) for jar in jars}
    assert ("org.apache.kafka", "kafka_2.13", "4.3.1") in names
    assert ("org.apache.kafka", "kafka-tools", "4.3.1") in names
