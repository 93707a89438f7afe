"""`relevo sql`, `relevo data` and `relevo status --addresses`, over files of a folder."""

import json
import os
from pathlib import Path

import pytest
from pyarrow import parquet
from typer.testing import CliRunner, Result

from relevo.app import build_app
from relevo.stored import Stored
from relevo.view.answer import table_of
from relevo.view.consoles import wide_console
from relevo_sql import Answer, Column, Warehouse
from relevo_sql.samples import Folder, Stages

KEYS = {
    "RELEVO_CATALOG_URL": "postgresql://me:it's@127.0.0.1:1/catalog",
    "RELEVO_S3_ENDPOINT_URL": "http://127.0.0.1:1",
    "RELEVO_S3_ACCESS_KEY": "access",
    "RELEVO_S3_SECRET_KEY": "secret",
    "RELEVO_DATASET": "my-set",
}


@pytest.fixture(autouse=True)
def stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stages:
    for name in [name for name in os.environ if name.startswith("RELEVO_")]:
        monkeypatch.delenv(name)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    stages = Stages(tmp_path / "objects")
    stages.add("my-set", 1)
    stages.add("my-set", 2)

    def over_files(stored: Stored) -> Warehouse:
        return Warehouse(stages, Folder(stages.folder), datasets=stored.datasets)

    monkeypatch.setattr(Stored, "open", over_files)
    return stages


def run(*arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(build_app(), list(arguments), input=answers)


def test_a_statement_is_answered_by_a_table_that_tells_its_rows() -> None:
    result = run(
        "sql", "SELECT batch_number, count(*) AS n FROM clean GROUP BY 1 ORDER BY 1"
    )

    assert result.exit_code == 0, result.stderr
    assert "batch_number" in result.stdout
    assert "2 rows" in result.stdout

    limited = run("sql", "FROM range(5)", "--limit", "3")
    assert "first 3 of more rows" in limited.stdout


def test_the_whole_answer_comes_as_csv_json_and_parquet(tmp_path: Path) -> None:
    sql = "SELECT row_id, split FROM test ORDER BY row_id"
    out = tmp_path / "rows.parquet"

    assert run("sql", sql, "--format", "csv").stdout == "row_id,split\n18,test\n28,test\n"
    assert json.loads(run("sql", sql, "--format", "json").stdout) == [
        {"row_id": "18", "split": "test"}, {"row_id": "28", "split": "test"},
    ]  # fmt: skip
    assert run("sql", sql, "--format", "parquet", "--out", str(out)).exit_code == 0
    assert parquet.read_table(out).num_rows == 2


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["sql", "DROP VIEW clean"], 1, "the data is read only"),
        (["sql", "SELECT age FROM raw"], 1, '"age" not found'),
        (["sql", "FROM raw", "--format", "parquet"], 2, "needs --out FILE"),
        (["sql", "--format", "csv"], 2, "needs a STATEMENT"),
        (["data", "path", "my-set", "train"], 2, "no objects of its own"),
        (["data", "export", "my-set", "raw", "--out", "x.xlsx"], 2, "none of .parquet"),
        (["data", "export", "other", "raw", "--out", "x.csv"], 2, "there are: my-set"),
        (["data", "export", "my-set", "raw", "--batch", "9", "--out", "x.csv"], 1,
         "batch 9 of my-set has no raw rows yet"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_line(
    arguments: list[str],
    code: int,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)

    result = run(*arguments)

    assert result.exit_code == code
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert text in result.stderr
    assert not list(tmp_path.glob("*x.csv*"))


def test_the_prompt_answers_statement_by_statement_and_survives_errors() -> None:
    result = run(
        "sql", answers=".tables my-set\nSELECT\n 41 + 1 AS x;\nSELEC;\nSELECT 7 AS y;\n"
    )

    assert result.exit_code == 0, result.stderr
    assert "my-set.quarantined" in result.stdout
    assert "42" in result.stdout
    assert "7" in result.stdout
    assert "syntax error" in result.stderr


def test_a_stage_is_exported_as_the_files_ending_says(tmp_path: Path) -> None:
    for name in ("rows.parquet", "rows.csv"):
        out = tmp_path / name
        result = run("data", "export", "my-set", "clean", "--batch", "2", "--out", str(out))
        assert result.exit_code == 0, result.stderr
        assert "9 rows in " in result.stderr
    assert parquet.read_table(tmp_path / "rows.parquet").num_rows == 9
    assert (tmp_path / "rows.csv").read_text().startswith("batch_id,batch_number,row_id,")


def test_addresses_can_be_pasted_into_a_shell_and_into_python() -> None:
    shell = run("status", "--addresses").stdout
    values = json.loads(run("status", "--addresses", "--json").stdout)

    assert (
        """export RELEVO_CATALOG_URL='postgresql://me:it'"'"'s@127.0.0.1:1/catalog'"""
        in shell
    )
    assert "export AWS_SECRET_ACCESS_KEY=secret" in shell
    assert values["storage_options"]["client_kwargs"] == {
        "endpoint_url": "http://127.0.0.1:1"
    }
    assert all(line.startswith(("export ", "#")) for line in shell.splitlines())


def test_columns_that_do_not_fit_are_counted_and_a_single_row_stands_upright() -> None:
    columns = tuple(Column(f"a_rather_long_name_{n}", "INTEGER") for n in range(20))
    rows: list[tuple[object, ...]] = [tuple(range(20))] * 2

    def shown(rows: list[tuple[object, ...]]) -> str:
        console = wide_console()
        with console.capture() as captured:
            console.print(table_of(Answer(columns, rows, False, 0.1), width=120))
        return captured.get()

    assert "15 more columns" in shown(rows)
    assert "a_rather_long_name_19" in shown(rows[:1])
