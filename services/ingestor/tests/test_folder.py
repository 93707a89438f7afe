"""Files that appear: late, replaced, half written, by programs that write them slowly."""

import json
import os
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from ingestor.sources.files import SETTLED_SECONDS, FilesSource
from ingestor.sources.folder import FolderPlace
from ingestor.sources.port import Due, Parcel
from ingestor.sources.taken import Taken
from relevo_contracts import OutageError
from relevo_contracts.results import Stage, StageResult, Verdict


class Life:
    """The source as one life of the ingestor has it, and what was taken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken = Taken()
        self.begin()

    def begin(self) -> None:
        self.now = 0.0
        self.source = FilesSource(
            FolderPlace(self.folder), "pima", max_bytes=100, clock=lambda: self.now
        )

    async def look(self, *, after: float = SETTLED_SECONDS) -> Parcel | Due:
        self.now += after
        return await self.source.next(self.taken)

    async def take(self, verdict: Verdict = Verdict.ACCEPTED) -> str:
        """The name of the next parcel, after the look that must come before."""
        await self.look()
        return self.keep(await self.look(), verdict)

    def keep(self, found: Parcel | Due, verdict: Verdict = Verdict.ACCEPTED) -> str:
        """It counts as taken."""
        assert isinstance(found, Parcel), found
        self.taken = self.taken.beside(
            StageResult(
                batch_id=found.identity,
                dataset="pima",
                number=self.taken.number_for(found.identity, None),
                stage=Stage.RAW,
                verdict=verdict,
                statistics={
                    "source_identity": found.identity,
                    "source_sha256": found.sha256,
                    "source_position": found.position,
                },
                started_at=found.released_at,
                finished_at=found.released_at,
            )
        )
        return found.identity


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path)


async def nothing(life: Life) -> bool:
    return all([isinstance(await life.look(), Due) for _ in range(3)])


async def test_files_are_taken_by_name_and_those_that_come_late_wherever_they_sort(
    life: Life, tmp_path: Path
) -> None:
    for name in ("c.csv", "b.parquet"):
        (tmp_path / name).write_text("rows")
    assert [await life.take(), await life.take()] == ["b.parquet", "c.csv"]

    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "a.jsonl").write_text("{}")

    assert await life.take() == "2026/a.jsonl"
    life.begin()
    assert await nothing(life)


async def test_a_file_that_grows_is_left_until_it_is_whole(
    life: Life, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    for text in ("a", "ab", "abc"):
        file.write_text(text)
        assert isinstance(await life.look(), Due)

    found = await life.look()

    assert isinstance(found, Parcel)
    assert found.content == b"abc"


async def test_one_that_grows_is_left_also_while_another_is_taken(
    life: Life, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("rows")
    await life.look()
    (tmp_path / "b.csv").write_text("half")

    assert life.keep(await life.look()) == "a.csv"

    assert isinstance(await life.look(after=0.01), Due)


@pytest.mark.parametrize(
    "name", [".a.csv", "a.csv.tmp", "~a.csv", "_temporary/a.csv", "a.csv.part", "notes.txt"]
)
async def test_names_that_programs_give_to_what_is_not_whole_are_left(
    life: Life, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("rows")

    assert await nothing(life)


async def test_a_refused_file_that_is_replaced_is_taken_again_under_its_number(
    life: Life, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("half")
    await life.take(Verdict.REFUSED)
    os.utime(file, (1, 1))
    assert await nothing(life), "another time is not another file"

    file.write_text("mended")

    assert await life.take() == "a.csv"
    assert [result.number for result in life.taken.results.values()] == [1]


async def test_an_accepted_file_that_is_replaced_is_told_and_not_taken(
    life: Life, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("rows")
    await life.take()
    file.write_text("other rows")

    with capture_logs() as said:
        assert await nothing(life)

    assert [line["batch_id"] for line in said if line["log_level"] == "error"] == ["a.csv"]
    labels = {"dataset": "pima"}
    assert REGISTRY.get_sample_value("relevo_source_changed_batches", labels) == 1


async def test_a_file_that_is_too_large_is_refused_unread_and_the_next_one_goes_on(
    life: Life, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("x" * 101)
    (tmp_path / "b.csv").write_text("rows")
    await life.look()
    found = await life.look()

    assert isinstance(found, Parcel)
    assert (found.fault, found.content) == ("101 bytes, at most 100", b"")
    assert await life.take(Verdict.REFUSED) == "a.csv"
    assert await life.take() == "b.csv"


async def test_a_folder_that_is_not_there_is_an_outage_with_what_to_do(
    tmp_path: Path,
) -> None:
    with pytest.raises(OutageError, match="no such folder: make it"):
        await Life(tmp_path / "nowhere").look()


async def test_the_same_rows_under_another_name_are_another_batch(
    life: Life, tmp_path: Path
) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(json.dumps({"Age": 3}))

    assert [await life.take(), await life.take()] == ["a.jsonl", "b.jsonl"]
