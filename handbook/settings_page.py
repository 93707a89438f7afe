"""docs/settings.md: every variable of every service, of the command, and who reads it."""

from collections.abc import Iterable

from pydantic_settings import BaseSettings

from handbook.declared_settings import (
    COMMAND,
    SERVICES,
    SHARED,
    Variable,
    classes,
    variables,
)
from handbook.tables import table

PREFACE = """<!-- Made by `make generate` from each settings.py; do not edit. -->

# Settings

A setting is an environment variable; the name's case does not matter. *required* means
that a service ends at its start, and says so, when nobody sets it. A secret's default is
never shown. `relevo up` and compose.yaml set addresses and secrets by themselves. With
`relevo up` (and `make run`) a service hears of your shell what begins with its own name, as
in `TRAINER_THREADS=1 make run`, and `LOG_LEVEL`, `OTEL_…`, `RELEVO_DATASETS` and
`RECONCILE_INTERVAL_SECONDS`; what compose hears is in
[operations](operations.md#variables). *All* are all services but the data-api, which plays
the outside world and shares nothing with the others.
"""
HEAD = ("variable", "type", "default", "meaning")
Services = dict[str, list[type[BaseSettings]]]


def settings_page() -> str:
    """The page as text."""
    services = {file.parents[2].name: classes(file) for file in SERVICES}
    parts = [PREFACE, "## Shared\n\n" + _shared(services)]
    for service, found in services.items():
        own = (each for settings in found for each in variables(settings))
        parts.append(f"## {service}\n\n{_table(own)}")
    intro = "Where a platform is; what is not set is taken from the state folder.\n\n"
    command = (each for found in classes(COMMAND) for each in variables(found))
    parts.append(f"## The command\n\n{intro}{_table(command)}")
    return "\n".join(parts)


def _table(found: Iterable[Variable]) -> str:
    return table(HEAD, map(_row, found))


def _row(variable: Variable) -> tuple[str, ...]:
    return f"`{variable.name}`", variable.type, variable.default, variable.meaning


def _shared(services: Services) -> str:
    """What several services read, each variable once, and which services these are."""
    found: dict[str, tuple[str, ...]] = {}
    for settings in (each for file in SHARED for each in classes(file)):
        readers = _readers(settings, services)
        for variable in variables(settings):
            found.setdefault(variable.name, (*_row(variable), readers))
    return table((*HEAD, "read by"), found.values())


def _readers(settings: type[BaseSettings], services: Services) -> str:
    shared = {e for file in SHARED for e in classes(file)}
    bases = {
        name: {base for each in found for base in each.__mro__}
        for name, found in services.items()
    }
    ours = [name for name, found in bases.items() if shared & found]
    readers = [name for name in ours if settings in bases[name]]
    if not readers:
        return "who reads declarations"
    return "all" if readers == ours else ", ".join(readers)
