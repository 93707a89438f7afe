"""Each effect that a service can have has a point: found in the code, not remembered."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import cleaner
import inference
import ingestor
import registry_watcher
import relevo_runtime
import relevo_storage
import trainer
from relevo_contracts import EVENTS
from tests.faults.cases import known
from tests.faults.points import (
    ADAPTERS,
    BLOCKS,
    ELSEWHERE,
    LOOKS,
    POINTS,
    READS,
    named,
)

pytestmark = pytest.mark.slow  # it imports all services

PACKAGES = (
    relevo_storage,
    relevo_runtime,
    ingestor,
    cleaner,
    trainer,
    registry_watcher,
    inference,
)


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """The package's modules; those apart that are programs."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith(("__main__", ".testing", ".fakes")):
            yield importlib.import_module(found.name)


def ports() -> dict[str, set[str]]:
    """The methods of each port of ours, by its name."""
    found = {}
    for package in PACKAGES:
        for module in modules(package):
            for name, each in vars(module).items():
                is_own = getattr(each, "__module__", None) == module.__name__
                if is_own and getattr(each, "_is_protocol", False):
                    found[name] = {m for m in vars(each) if _is_method(each, m)}
    return {name: methods for name, methods in found.items() if methods}


def _is_method(port: type, name: str) -> bool:
    return not name.startswith("_") and inspect.isfunction(
        inspect.getattr_static(port, name)
    )


def calls(package: ModuleType, of: str) -> set[str]:
    """What is called on each `of`, or `self.of`, of a package."""
    found = set()
    for path in Path(str(package.__path__[0])).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Attribute(
                    value=ast.Attribute(attr=name) | ast.Name(id=name), attr=called
                ) if name == of:
                    found.add(called)
    return found


def split(point: str) -> tuple[str, str]:
    """Class and method."""
    owner, _, method = point.partition(".")
    return owner, method


def effects(port: str, method: str) -> tuple[str, ...]:
    """The points that a method of a port has, if it has any."""
    return BLOCKS.get(f"{port}.{method}", (f"{ADAPTERS.get(port)}.{method}",))


def test_each_method_of_a_port_looks_or_has_a_point() -> None:
    strange = {
        f"{port}.{method}"
        for port, methods in ports().items()
        for method in methods
        if port not in ELSEWHERE
        and f"{port}.{method}" not in READS
        and not named().issuperset(effects(port, method))
    }

    assert strange == set(), "say in points.py whether it is a read, or a point"


@pytest.mark.parametrize(
    ("package", "of", "client"),
    [
        (trainer, "_client", "MlflowClient"),
        (relevo_runtime, "admin", "AIOKafkaAdminClient"),
    ],
)
def test_each_call_of_a_client_looks_or_has_a_point(
    package: ModuleType, of: str, client: str
) -> None:
    points = {point for owner, point in map(split, named()) if owner == client}

    assert calls(package, of) - LOOKS == points


def test_whoever_tells_an_event_dies_after_it() -> None:
    deadly = {each.partition(" ")[2] for each in known()}

    assert {f"KafkaPublisher.publish:{event.topic.value}" for event in EVENTS} <= deadly


def test_each_point_is_a_method_that_there_is() -> None:
    for module, points in POINTS.items():
        for point in points:
            owner, method = split(point)
            assert callable(
                getattr(getattr(importlib.import_module(module), owner), method)
            )


def test_what_is_said_to_look_is_a_method_of_a_port() -> None:
    known = {f"{port}.{method}" for port, methods in ports().items() for method in methods}

    assert known >= READS
    assert ports().keys() >= ELSEWHERE
