"""The views of one dataset, as SQL; pure."""

from collections.abc import Mapping, Sequence

from relevo_sql.quoting import identifier, literal, literals

SPLITS = ("train", "validation", "test")
FROM_CATALOG = ("batches", "verdicts", "promotions")
VIEWS = ("raw", "clean", *SPLITS, "quarantined", *FROM_CATALOG)

FAULT = (
    'STRUCT("column" VARCHAR, reason VARCHAR, "rows" BIGINT, different BIGINT,'
    " examples VARCHAR[], nearest VARCHAR)"
)
NO_ROWS = "SELECT NULL::VARCHAR AS batch_id, NULL::BIGINT AS batch_number"
ADDRESS = "relevo_object"
"""The column with a row's object; no table of people has one of that name."""


def views_of(dataset: str, objects: Mapping[str, Sequence[str]]) -> list[str]:
    """The statements that make a dataset's schema.

    objects: the addresses of the kinds raw, clean (Parquet) and report (JSON). What has
    none yet is a view without rows, of which only the batch's columns are known.
    """
    schema = identifier(dataset)
    split = {name: f"SELECT * FROM {schema}.clean WHERE split = {literal(name)}"
             for name in SPLITS}  # fmt: skip
    bodies = {
        "raw": rows_of(dataset, "raw", objects["raw"]),
        "clean": rows_of(dataset, "clean", objects["clean"]),
        **(split if objects["clean"] else dict.fromkeys(SPLITS, nothing())),
        "quarantined": faults_of(dataset, objects["report"]),
        **{name: of_dataset(dataset, name) for name in FROM_CATALOG},
    }
    made = [f"CREATE VIEW {schema}.{name} AS {body}" for name, body in bodies.items()]
    return [f"CREATE SCHEMA IF NOT EXISTS {schema}", *made]


def rows_of(dataset: str, kind: str, objects: Sequence[str]) -> str:
    """The rows of Parquet objects, each with its batch."""
    if not objects:
        return nothing()
    table = (
        f"read_parquet({literals(objects)}, union_by_name = true,"
        f" filename = {literal(ADDRESS)})"
    )
    return (
        f"SELECT o.batch_id, o.batch_number, t.* EXCLUDE ({ADDRESS})"
        f" FROM {table} t JOIN ({batches_of(dataset, kind)}) o"
        f" ON o.object = t.{ADDRESS}"
    )


def faults_of(dataset: str, objects: Sequence[str]) -> str:
    """Why rows were put aside, by batch, column and reason, from the quality reports."""
    if not objects:
        return (
            f"SELECT * FROM (SELECT batch_id, batch_number, unnest(fault)"
            f" FROM (SELECT *, NULL::{FAULT} AS fault FROM ({NO_ROWS}))) WHERE false"
        )
    reports = (
        f"read_json({literals(objects)}, format = 'unstructured',"
        f" filename = {literal(ADDRESS)},"
        f" columns = {{quarantined: {literal(FAULT + '[]')}}})"
    )
    return (
        "SELECT batch_id, batch_number, unnest(fault) FROM ("
        f"SELECT o.batch_id, o.batch_number, unnest(t.quarantined) AS fault"
        f" FROM {reports} t JOIN ({batches_of(dataset, 'report')}) o"
        f" ON o.object = t.{ADDRESS})"
    )


def batches_of(dataset: str, kind: str) -> str:
    """Which batch each object is of; one that came twice is the object of both."""
    return (
        "SELECT object, batch_id, batch_number FROM all_datasets.objects"
        f" WHERE dataset = {literal(dataset)} AND kind = {literal(kind)}"
    )


def of_dataset(dataset: str, table: str) -> str:
    """The dataset's part of what the catalog knows of all."""
    return (
        f"SELECT * EXCLUDE (dataset) FROM all_datasets.{table}"
        f" WHERE dataset = {literal(dataset)}"
    )


def nothing() -> str:
    """No rows yet."""
    return f"SELECT * FROM ({NO_ROWS}) WHERE false"
