"""One platform for the cases of a session, each with batches of a dataset of its own."""

from collections.abc import Callable, Iterator

import pytest

from tests.faults.line import Line
from tests.faults.platform import Faulty, impatient
from tests.faults.source import serving
from tests.faults.tables import declare
from tests.pipeline.reaching import until

DATASETS = ("taken", "learned", "promoted", "repeated", "shared")


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    """The platform, in which every process answers."""
    folder = tmp_path_factory.mktemp("faulty")
    with pytest.MonkeyPatch.context() as patching, serving() as source:
        impatient(patching)
        declared = declare(folder / "declared", DATASETS)
        faulty = Faulty(folder, source, declared, DATASETS)
        try:
            yield faulty
        finally:
            faulty.stop()


@pytest.fixture(scope="session")
def lines(faulty: Faulty) -> Callable[[str], Line]:
    """The line of a dataset, which goes on from case to case."""
    known = {name: Line(faulty, name) for name in DATASETS}
    return known.__getitem__


@pytest.fixture(autouse=True)
def _nothing_armed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each case begins with all processes ready, and leaves nothing that dies later."""
    if "faulty" not in request.fixturenames:
        yield
        return
    faulty: Faulty = request.getfixturevalue("faulty")
    until(faulty.is_ready, seconds=60, what="a process is not ready")
    yield
    faulty.disarm()
