"""What is added is named wherever it has to be, and CONTRIBUTING says how many places."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest

from relevo_contracts.events import EVENTS
from relevo_contracts.features import Kind
from relevo_contracts.tasks import Task
from relevo_datasets.dataset import SourceKind
from tests.repo.event_places import FIELD
from tests.repo.files import ROOT
from tests.repo.meaning_places import (
    CANDIDATES,
    DATASET,
    DECLARATIONS,
    FAMILY,
    KIND,
    TASK,
)
from tests.repo.package_places import PACKAGE
from tests.repo.places import Place, arguments, forgotten, listed
from tests.repo.service_places import FILES, SERVICE
from tests.repo.source_places import SOURCE

NUMBERS = [
    *("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen"),
]
PLACES: dict[str, Sequence[Place]] = {
    "dataset that ships": DATASET,
    "service": SERVICE,
    "package": PACKAGE,
    "source": SOURCE,
    "model family": FAMILY,
    "field to an event": FIELD,
    "kind of feature": KIND,
    "task": TASK,
}
THERE: dict[str, list[str]] = {
    "dataset that ships": sorted(
        path.stem for path in (ROOT / DECLARATIONS).glob("*.toml")
    ),
    "service": sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml")),
    "package": sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml")),
    "source": list(get_args(SourceKind)),
    "model family": sorted(arguments(ROOT / CANDIDATES, "algorithm")),
    "field to an event": [
        f"{event.__name__}.{field}"
        for event in EVENTS
        for field in event.model_fields
        if field != "version"
    ],
    "kind of feature": list(get_args(Kind)),
    "task": list(get_args(Task)),
}


@pytest.mark.parametrize(
    ("what", "name"), [(what, name) for what, names in THERE.items() for name in names]
)
def test_what_is_there_is_named_in_all_its_places(what: str, name: str) -> None:
    assert forgotten(PLACES[what], name) == []


@pytest.mark.parametrize("what", PLACES)
def test_what_was_not_added_is_missed_in_all_its_places(what: str) -> None:
    assert forgotten(PLACES[what], "greeter") == [place.where for place in PLACES[what]]


@pytest.mark.parametrize("what", PLACES)
def test_contributing_counts_the_places_and_names_each(what: str) -> None:
    number, items = listed(what)
    places = PLACES[what]

    assert number == NUMBERS[len(places)]
    assert len(items) == len(places)
    unnamed = [
        place.where
        for place, item in zip(places, items, strict=True)
        if place.where not in item
    ]
    assert unnamed == []


def test_a_service_that_was_only_copied_is_named_nowhere(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "services/lag-watcher", tmp_path / "services/greeter")
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)

    assert forgotten(SERVICE, "lag-watcher", tmp_path)[3:] == []
    assert forgotten(SERVICE, "greeter", tmp_path) == [place.where for place in SERVICE]
