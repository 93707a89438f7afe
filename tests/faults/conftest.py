"""A platform for the cases of each file, and their figures at the end."""

from collections.abc import Callable, Iterator

import pytest

from tests.faults.line import Line, Lines
from tests.faults.platform import Faulty, impatient
from tests.faults.source import serving
from tests.faults.tables import declare


@pytest.fixture(scope="module")
def faulty(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Faulty]:
    """The platform of a file: for its DATASETS, with its MORE processes and SETTINGS.

    Where the file has a `prepare`, it is given the folder before anything starts there.
    """
    folder = tmp_path_factory.mktemp("faulty")
    datasets = request.module.DATASETS
    with pytest.MonkeyPatch.context() as patching, serving() as source:
        impatient(patching)
        patching.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # of us who look
        prepare: Callable[..., object] = getattr(request.module, "prepare", lambda _: None)
        prepare(folder / "state")
        declared = declare(folder / "declared", datasets)
        more = getattr(request.module, "MORE", {})
        settings = getattr(request.module, "SETTINGS", {})
        faulty = Faulty(folder, source, declared, datasets, more, settings)
        try:
            yield faulty
        finally:
            faulty.stop()


@pytest.fixture(scope="module")
def lines(request: pytest.FixtureRequest, faulty: Faulty) -> Lines:
    """The line of a dataset, which goes on from case to case."""
    known = {name: Line(faulty, name) for name in request.module.DATASETS}
    return known.__getitem__


@pytest.fixture(autouse=True)
def _nothing_armed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each case begins with all processes ready, and leaves nothing that dies later."""
    if "faulty" not in request.fixturenames:
        yield
        return
    faulty: Faulty = request.getfixturevalue("faulty")
    faulty.until_ready(seconds=60)
    yield
    faulty.disarm()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures that cases have measured."""
    for report in terminalreporter.getreports(""):
        for name, figure in report.user_properties:
            case = report.nodeid.rpartition("::")[2]
            terminalreporter.write_line(f"{case}: {name} {figure}")
