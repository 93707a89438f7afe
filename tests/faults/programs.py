"""Programs as the supervisor keeps them, that die at points, or stay away for a while."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from relevo_local.places.ports import free_port
from relevo_local.services import Service
from relevo_local.supervising.programs import Command, Program


@dataclass(frozen=True)
class Deadly:
    """A service whose processes have points; all else of it is as it is.

    points: what is added to its environment.
    """

    program: Service
    points: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.program.name

    def prepare(self) -> Sequence[Command]:
        own = {"FAULTS_SERVICE": self.name, **self.points}
        return [
            replace(command, environment={**command.environment, **own})
            for command in self.program.prepare()
        ]

    def is_ready(self) -> bool:
        return self.program.is_ready()

    def is_alive(self) -> bool:
        return self.program.is_alive()

    def settle(self) -> None:
        self.program.settle()

    def beside(self, name: str) -> "Deadly":
        """One more process of the service, with a name of its own in its groups."""
        environment = {**self.program.environment, "KAFKA_GROUP_INSTANCE_ID": name}
        service = replace(
            self.program,
            name=name,
            port=free_port(),
            folder=self.program.folder.with_name(name),
            environment=environment,
        )
        return replace(self, program=service)


@dataclass(frozen=True)
class Absent:
    """A server that is not started again as long as it is to be away."""

    program: Program
    may_start: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_start.set()

    @property
    def name(self) -> str:
        return self.program.name

    def prepare(self) -> Sequence[Command]:
        self.may_start.wait()
        return self.program.prepare()

    def is_ready(self) -> bool:
        return self.program.is_ready()

    def is_alive(self) -> bool:
        return self.program.is_alive()

    def settle(self) -> None:
        self.program.settle()
