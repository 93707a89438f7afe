"""With which environment each process is started: what it runs for, and where that lies."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from relevo_local.composition import service_parts
from relevo_local.options import Options
from relevo_local.places.port_book import PortBook
from relevo_local.reports import silent
from relevo_local.server_parts import choose_servers
from relevo_local.services import Service

Environments = Callable[..., dict[str, Mapping[str, str]]]


@pytest.fixture
def environments(tmp_path: Path) -> Environments:
    """environments(*datasets): process -> what it gets beside what is inherited."""

    def of(*datasets: str) -> dict[str, Mapping[str, str]]:
        options = Options(state=tmp_path / "state", datasets=datasets)
        ports = PortBook(options.state, silent)
        parts = service_parts(options, choose_servers(options, ports, silent), ports)
        programs = [part.program for part in parts]
        return {
            each.name: each.environment for each in programs if isinstance(each, Service)
        }

    return of


def test_every_process_is_told_for_which_datasets(environments: Environments) -> None:
    found = environments("pima", "covertype")

    assert len(found) == 9
    assert {each["RELEVO_DATASET"] for each in found.values()} == {"pima,covertype"}


def test_the_data_source_keeps_numbers_and_plan_in_the_state_folder(
    environments: Environments, tmp_path: Path
) -> None:
    state = environments("pima")["data-api"]["DATA_API_STATE"]

    assert Path(state).is_relative_to(tmp_path / "state")


def test_the_data_source_looks_for_rows_beside_ones_own_declarations(
    environments: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RELEVO_DATASETS", raising=False)
    assert "DATA_API_FOLDER" not in environments("pima")["data-api"]

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELEVO_DATASETS", "mine")
    assert environments("mine")["data-api"]["DATA_API_FOLDER"] == str(tmp_path / "mine")
