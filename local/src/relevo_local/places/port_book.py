"""Which port each server has: the usual one if free, the same again at the next start."""

import json
from pathlib import Path

from relevo_local.places.ports import free_ports, is_free
from relevo_local.places.secret_file import write_private
from relevo_local.reports import Report, Reporter


class PortBook:
    """The ports of one state folder, remembered in `<state>/ports.json`."""

    def __init__(self, state: Path, report: Reporter) -> None:
        self._path = state / "ports.json"
        self._report = report
        known = json.loads(self._path.read_text()) if self._path.exists() else {}
        self._remembered: dict[str, list[int]] = known
        self._given: dict[str, list[int]] = {}

    def one(self, name: str, usual: int | None = None) -> int:
        """The port of this name; `usual` is tried at the first start."""
        return self.several(name, 1, [usual] if usual else None)[0]

    def several(self, name: str, count: int, usual: list[int] | None = None) -> list[int]:
        """The ports of this name; others, and a report, when one of them is taken."""
        if name in self._given:
            return self._given[name]
        wanted = self._remembered.get(name) or usual or []
        if len(wanted) != count or not all(map(self._may_have, wanted)):
            taken = [port for port in wanted if not self._may_have(port)]
            wanted = self._others(count)
            if taken:
                text = f"port {taken[0]} is taken: {name} gets {wanted[0]}"
                self._report(Report(process=name, text=text, kind="notice"))
        self._given[name] = wanted
        write_private(self._path, json.dumps(self._remembered | self._given, indent=1))
        return wanted

    def _may_have(self, port: int) -> bool:
        return port not in self._all_given() and is_free(port)

    def _others(self, count: int) -> list[int]:
        """Free, and not promised to a server that has not started yet."""
        promised = self._all_given().union(*self._remembered.values())
        free = free_ports(count + len(promised))
        return [port for port in free if port not in promised][:count]

    def _all_given(self) -> set[int]:
        return {port for ports in self._given.values() for port in ports}
