"""What a statement may not: it is refused in a sentence, and costs nobody else anything."""

import threading
import time
from pathlib import Path

import pytest

from relevo_sql import Limits, SqlError, Warehouse
from relevo_sql.errors import OUTSIDE
from relevo_sql.samples import Folder, Stages

REFUSED = {
    "SELECT * FROM read_csv('/etc/passwd')": OUTSIDE,
    "SELECT * FROM read_text('/etc/passwd')": OUTSIDE,
    "SELECT * FROM glob('/etc/*')": OUTSIDE,
    "SELECT * FROM sniff_csv('/etc/passwd')": OUTSIDE,
    "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')": OUTSIDE,
    "SELECT * FROM 's3://other/x.parquet'": OUTSIDE,
    "SELECT * FROM read_parquet('s3://batches/**')": OUTSIDE,
    "SELECT * FROM '/etc/passwd'": "does not exist",
    "SELECT * FROM postgres_query('x', 'SELECT 1')": "postgres_query",
    "SELECT * FROM duckdb_secrets(redact = false)": "secrets is disabled",
    "SELECT * FROM stages": "does not exist",  # a variable of this test
    "COPY (SELECT 1) TO '/tmp/x.csv'": "read only",
    "EXPLAIN COPY (SELECT 1) TO '/tmp/x.csv'": "read only",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '/tmp/x.csv'": "read only",
    "/**/ EXPLAIN ANALYZE COPY (SELECT 1) TO '/tmp/x.csv'": "read only",
    "ATTACH '/tmp/x.db'": "read only",
    "ATTACH ':memory:' AS more": "read only",
    "INSTALL spatial": "read only",
    "LOAD '/tmp/x.duckdb_extension'": "read only",
    "SET memory_limit = '9GB'": "read only",
    "RESET lock_configuration": "read only",
    "CALL pragma_version()": "read only",
    "EXPORT DATABASE '/tmp/x'": "read only",
    "CREATE TABLE x AS SELECT 1": "read only",
    "DELETE FROM all_datasets.batches": "read only",
    "DROP SCHEMA all_datasets CASCADE": "read only",
    "CREATE SECRET (TYPE s3)": "read only",
    "SELECT 1; SELECT 2": "one statement at a time, not 2",
    "PIVOT clean ON split": "PIVOT needs its values",
    "-- nothing": "there is no statement",
    "SELEC 1": "syntax error",
}


@pytest.mark.parametrize("sql", REFUSED)
def test_what_does_not_read_our_views_is_refused(
    warehouse: Warehouse, stages: Stages, sql: str
) -> None:
    stages.add("my-set", 1)

    with pytest.raises(SqlError) as refusal:
        warehouse.query(sql)

    assert REFUSED[sql] in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert warehouse.query("SELECT count(*) FROM clean").rows == [(9,)]


def test_not_even_our_own_objects_are_overwritten(
    warehouse: Warehouse, stages: Stages
) -> None:
    stages.add("my-set", 1)
    [(address,)] = warehouse.query("SELECT raw_object FROM batches").rows
    before = Path(str(address)).read_bytes()

    for explain in ("", "EXPLAIN ANALYZE ", "explain analyze explain "):
        with pytest.raises(SqlError):
            warehouse.query(f"{explain}COPY (SELECT 1) TO '{address}' (FORMAT csv)")

    assert Path(str(address)).read_bytes() == before


@pytest.mark.parametrize(
    "sql",
    ["DESCRIBE clean", "SHOW TABLES", "SUMMARIZE clean", "FROM clean", "VALUES (1)",
     "EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT count(*) FROM clean", "TABLE clean;",
     "WITH x AS (SELECT 1) SELECT * FROM x", "PIVOT clean ON split IN ('train', 'test')"],
)  # fmt: skip
def test_what_reads_may_run(warehouse: Warehouse, stages: Stages, sql: str) -> None:
    stages.add("my-set", 1)

    assert warehouse.query(sql).rows


def limited(stages: Stages, limits: Limits) -> Warehouse:
    return Warehouse(stages, Folder(stages.folder), limits=limits)


def test_a_statement_is_stopped_after_its_time_while_others_go_on(stages: Stages) -> None:
    warehouse = limited(stages, Limits(seconds=1.0, threads=2))
    warehouse.datasets()
    told: list[str] = []

    def forever() -> None:
        try:
            warehouse.query("SELECT count(*) FROM range(1000000000000)")
        except SqlError as error:
            told.append(str(error))

    began = time.monotonic()
    thread = threading.Thread(target=forever)
    thread.start()
    while thread.is_alive():
        assert warehouse.query("SELECT 42").rows == [(42,)]
    thread.join()

    assert told == ["stopped after 1 s, which a statement may take at most"]
    assert time.monotonic() - began < 5


def test_memory_and_the_size_of_an_answer_are_limited(stages: Stages) -> None:
    warehouse = limited(stages, Limits(memory="100MB", answer_bytes=1_000_000))

    with pytest.raises(SqlError, match="more than the 100MB"):
        warehouse.query("SELECT list(a) FROM range(1000000000) t(a)")
    with pytest.raises(SqlError, match="larger than 1 MB"):
        warehouse.query("SELECT range(1000000)")


def test_only_the_first_rows_come_and_that_is_told(warehouse: Warehouse) -> None:
    some = warehouse.query("SELECT * FROM range(1000000000000)", limit=1_000)
    exactly = warehouse.query("SELECT * FROM range(10)", limit=10)

    assert (len(some.rows), some.truncated) == (1_000, True)
    assert (len(exactly.rows), exactly.truncated) == (10, False)


@pytest.mark.parametrize(
    ("ending", "text"),
    [("'x'::INT", "Could not convert string 'x'"), ("error('boom')", "boom")],
)
def test_what_fails_after_the_first_rows_is_told_as_well(
    warehouse: Warehouse, ending: str, text: str
) -> None:
    sql = f"SELECT CASE WHEN i = 500000 THEN {ending} ELSE 1 END FROM range(1000000) t(i)"  # noqa: S608

    with pytest.raises(SqlError, match=text), warehouse.run(sql) as result:
        for _ in result.batches:
            pass
