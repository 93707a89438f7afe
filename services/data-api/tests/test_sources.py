"""Which datasets are handed out, and where the rows of each are found."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from data_api.settings import Settings
from data_api.sources import DEFAULT, SHIPPED, Source, choose


def chosen(**values: object) -> list[Source | str]:
    settings = Settings.model_validate(values)
    return list(
        choose(settings.relevo_dataset, settings.data_api_sources, settings.data_api_folder)
    )


def test_by_itself_it_is_the_default_that_is_shipped() -> None:
    assert chosen() == [Source(DEFAULT, SHIPPED / DEFAULT)]


def test_the_names_say_which_of_the_shipped_ones_and_in_which_order() -> None:
    found = chosen(relevo_dataset="pima, covertype")

    assert found == [
        Source("pima", SHIPPED / "pima"),
        Source("covertype", SHIPPED / "covertype"),
    ]


def test_a_source_of_ones_own_stands_where_its_name_does_and_before_the_shipped() -> None:
    found = chosen(relevo_dataset="pima,mine", data_api_sources="mine=/m.csv:7,pima=/p")

    assert found == [
        Source("pima", Path("/p"), 15_000),
        Source("mine", Path("/m.csv"), 7),
    ]


def test_a_source_may_be_without_a_header() -> None:
    found = chosen(data_api_sources="a=/a.csv:7:headless,b=/b:headless")

    assert found == [
        Source("a", Path("/a.csv"), 7, has_header=False),
        Source("b", Path("/b"), has_header=False),
    ]


def test_sources_without_names_are_all_handed_out() -> None:
    found = chosen(data_api_sources="b=/x, y/z:1.csv,a=/other")

    assert found == [Source("b", Path("/x, y/z:1.csv")), Source("a", Path("/other"))]


@pytest.mark.parametrize("place", ["mine.csv", "mine.parquet", "mine/1.csv"])
def test_a_name_is_looked_for_in_the_folder(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).touch()

    found = chosen(relevo_dataset="mine", data_api_folder=tmp_path)

    assert found == [Source("mine", tmp_path / place.split("/")[0])]


def test_a_declaration_in_the_folder_says_where_its_rows_are(tmp_path: Path) -> None:
    source = 'source = { path = "../rows/houses.csv", batch_rows = 7, header = false }'
    (tmp_path / "mine.toml").write_text(f'name = "mine"\n{source}\n')
    (tmp_path / "mine.csv").touch()
    (tmp_path / "pima.toml").write_text('name = "pima"\n')

    found = chosen(relevo_dataset="mine,pima", data_api_folder=tmp_path)

    rows = tmp_path.parent / "rows" / "houses.csv"
    assert found == [
        Source("mine", rows, 7, has_header=False),
        Source("pima", SHIPPED / "pima"),
    ]


def test_rows_that_others_hand_out_are_not_looked_for(tmp_path: Path) -> None:
    declared = 'source = { kind = "folder", path = "rows" }'
    (tmp_path / "mine.toml").write_text(f'name = "mine"\n{declared}\n')
    (tmp_path / "mine.csv").touch()

    assert chosen(relevo_dataset="mine", data_api_folder=tmp_path) == ["mine"]


def test_a_declaration_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("source = {")

    with pytest.raises(ValueError, match=r"mine\.toml: "):
        chosen(relevo_dataset="mine", data_api_folder=tmp_path)


def test_what_lies_in_the_folder_goes_before_what_is_shipped(tmp_path: Path) -> None:
    (tmp_path / "pima.csv").touch()

    found = chosen(relevo_dataset="pima,covertype", data_api_folder=tmp_path)

    assert found == [
        Source("pima", tmp_path / "pima.csv"),
        Source("covertype", SHIPPED / "covertype"),
    ]


def test_a_name_without_rows_here_stays_a_name(tmp_path: Path) -> None:
    assert chosen(relevo_dataset="pima,mine", data_api_folder=tmp_path)[1] == "mine"


@pytest.mark.parametrize(
    "changes",
    [
        {"data_api_sources": "/only/a/path"},
        {"data_api_sources": "a=/x:0"},
        {"data_api_sources": "../up=/x"},
        {"relevo_dataset": "../../etc"},
        {"relevo_dataset": "a/b"},
    ],
)
def test_what_is_no_source_or_no_name_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="is no"):
        Settings.model_validate(changes)
