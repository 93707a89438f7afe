"""Python's own hook at the start of each process: makes the points of a service deadly.

On PYTHONPATH of a service that a test starts. The service's command and code stay as they
are; when a module is imported that has a point, its method is wrapped, in the processes
that the service starts too. A file `armed/SERVICE POINT WHEN` in the folder of
FAULTS_FOLDER, with the number of the call and the way to die, lets the process die there.
A point is `Class.method`, or `Class.method:kind` where its effects are of several kinds.
"""

import functools
import importlib.abc
import importlib.machinery
import inspect
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(os.environ.get("FAULTS_FOLDER", ""))
SERVICE = os.environ.get("FAULTS_SERVICE", "")

KINDS: dict[str, Callable[..., str]] = {
    "AIOKafkaConsumer.commit": lambda _, offsets: str(next(iter(offsets)).topic),
    "KafkaPublisher.bury": lambda _, __, topic, **___: str(topic.dead.value),
    "KafkaPublisher.publish": lambda _, event, __: str(event.topic.value),
    "MinioStore.put": lambda _, key, __: str(key).split("/")[0],
    "PostgresCatalog.mark_announced": lambda _, __, stage: str(stage.value),
    "PostgresCatalog.record": lambda _, result: str(result.stage.value),
    "PostgresLeases._give_back": lambda _, lease: str(lease.stage.value),
    "PostgresLeases._take": lambda _, __, stage: str(stage.value),
}
"""Of which kind an effect is, by the arguments of the call."""


def die(how: str) -> None:
    """As the kernel lets one die: the process, or all that its service has started."""
    if how == "family":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


class Point:
    """One method that has an effect outside of the process."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._kind = KINDS.get(name)

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, deadly before and after."""

        @functools.wraps(method)
        async def waiting(*args: Any, **kwargs: Any) -> Any:
            with passing(self._called(*args, **kwargs)):
                return await method(*args, **kwargs)

        @functools.wraps(method)
        def at_once(*args: Any, **kwargs: Any) -> Any:
            with passing(self._called(*args, **kwargs)):
                return method(*args, **kwargs)

        return waiting if inspect.iscoroutinefunction(method) else at_once

    def _called(self, *args: Any, **kwargs: Any) -> str:
        kind = self._kind
        return f"{self._name}:{kind(*args, **kwargs)}" if kind else self._name


@contextmanager
def passing(name: str) -> Iterator[None]:
    """The effect is noted when it was had: an attempt in an outage is none."""
    pass_by(name, "before")
    yield
    (FOLDER / "passed" / f"{SERVICE} {name}").touch()
    pass_by(name, "after")


def pass_by(name: str, when: str) -> None:
    """Die if it is time to."""
    armed = FOLDER / "armed" / f"{SERVICE} {name} {when}"
    try:
        calls, how = armed.read_text().split()
    except (FileNotFoundError, ValueError):
        return
    if int(calls) > 1:
        armed.write_text(f"{int(calls) - 1} {how}")
        return
    armed.replace(FOLDER / "died" / armed.name)
    die(how)


class Wrapping(importlib.abc.MetaPathFinder):
    """Wraps the methods of each module that has points, when it is imported.

    methods: by module the names `Class.method`. changed: by module, other values of what
    it has.
    """

    def __init__(
        self, methods: dict[str, list[str]], changed: dict[str, dict[str, Any]]
    ) -> None:
        self._methods = methods
        self._changed = changed

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._methods.keys() | self._changed.keys():
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in specs if spec), None)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = functools.partial(  # type: ignore[method-assign]
                self._execute, spec.loader.exec_module
            )
        return spec

    def _execute(self, execute: Callable[[ModuleType], None], module: ModuleType) -> None:
        execute(module)
        for name, value in self._changed.get(module.__name__, {}).items():
            setattr(module, name, value)
        for point in self._methods.get(module.__name__, []):
            owner, method = point.split(".")
            wrapped = Point(point).around(getattr(getattr(module, owner), method))
            setattr(getattr(module, owner), method, wrapped)


if SERVICE:
    sys.meta_path.insert(0, Wrapping(**json.loads((FOLDER / "points.json").read_text())))
