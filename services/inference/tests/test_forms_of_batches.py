"""Many rows in CSV and Arrow, raw or clean; answers in the form that was asked for."""

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet

import data_api
from relevo_datasets import clean as clean_rows
from relevo_datasets import dataset_named
from relevo_datasets.dataset import ROW_ID

Row = dict[str, Any]
Serve = Callable[..., Any]
IsProblem = Callable[[httpx.Response, int], Row]

CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
LINES, PARQUET = "application/x-ndjson", "application/vnd.apache.parquet"
NAMES = [feature.name for feature in dataset_named("diabetes130").features]
HEADER = ",".join(NAMES).encode()
SHIPPED = Path(data_api.__file__).parent / "data/diabetes130/batch-0001.parquet"


@pytest.fixture
def rows(example: Row) -> list[Row]:
    changes: list[Row] = [
        {},
        {"number_inpatient": 5},
        {"race": None},
        {"diag_1": "V57"},
        {"change_med": False, "admission_type_id": None},
    ]
    return [example | change for change in changes]


def as_csv(rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_stream(table: pa.Table, compression: str | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def as_arrow(rows: list[Row]) -> bytes:
    return as_stream(pa.Table.from_pylist(rows))


def as_parquet(table: pa.Table, compression: str = "snappy") -> bytes:
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink, compression=compression)
    return bytes(sink.getvalue())


def as_lines(rows: list[Row]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\r\n" for row in rows)


def table_of(column: Any) -> pa.Table:
    """The same column under each name that the model takes."""
    return pa.table(dict.fromkeys(NAMES, column))


OUTSIDE = "died or went to a hospice: cannot be readmitted"


async def send(
    client: httpx.AsyncClient,
    content: bytes,
    form: str,
    accept: str = "*/*",
    query: str = "",
) -> httpx.Response:
    headers = {"content-type": form, "accept": accept}
    return await client.post(f"/predict_batch{query}", content=content, headers=headers)


async def probabilities(
    client: httpx.AsyncClient, content: bytes, form: str
) -> list[float]:
    answer = await send(client, content, form)
    assert answer.status_code == 200, answer.text
    assert answer.json()["errors"] == []
    return [each["probability"] for each in answer.json()["predictions"]]


async def test_every_form_of_the_same_rows_gets_the_same_answers(
    client: httpx.AsyncClient, serve: Serve, rows: list[Row]
) -> None:
    serve()
    expected = [
        each["probability"]
        for each in (await client.post("/predict_batch", json=rows)).json()["predictions"]
    ]

    assert len(set(expected)) == len(rows)
    assert await probabilities(client, as_csv(rows), CSV) == expected
    assert await probabilities(client, b"\xef\xbb\xbf" + as_csv(rows), CSV) == expected
    assert await probabilities(client, as_arrow(rows), ARROW) == expected
    assert await probabilities(client, as_lines(rows), LINES) == expected
    assert await probabilities(client, as_lines(rows), "application/jsonl") == expected
    table = pa.Table.from_pylist(rows)
    assert await probabilities(client, as_parquet(table), PARQUET) == expected


@pytest.mark.parametrize(
    "kind",
    [pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())],
    ids=str,
)
async def test_every_kind_of_arrow_text_is_text(
    client: httpx.AsyncClient, serve: Serve, rows: list[Row], kind: pa.DataType
) -> None:
    serve()
    table = pa.Table.from_pylist(rows)
    texts = [field.name for field in table.schema if field.type == pa.string()]
    columns = {
        name: table[name].cast(kind) if name in texts else table[name]
        for name in table.column_names
    }

    found = await probabilities(client, as_stream(pa.table(columns)), ARROW)

    assert found == await probabilities(client, as_arrow(rows), ARROW)


async def test_raw_rows_of_the_source_are_answered_as_the_cleaner_reads_them(
    client: httpx.AsyncClient, serve: Serve
) -> None:
    serve()
    dataset = dataset_named("diabetes130")
    places = random.Random(1).sample(range(15_000), 100)  # noqa: S311
    raw = parquet.read_table(SHIPPED).take(places)
    clean = clean_rows(dataset, raw.to_pandas(), "<30").frame
    names = [feature.name for feature in dataset.features]
    whole = {"admission_type_id", "discharge_disposition_id", "admission_source_id"}
    sent = [
        {
            name: int(value) if name in whole and value == value else value
            for name, value in row.items()
        }
        for row in clean[names].astype(object).to_dict("records")
    ]
    sent = [{n: None if v != v else v for n, v in row.items()} for row in sent]
    expected = {
        encounter: each["probability"]
        for encounter, each in zip(
            clean[ROW_ID],
            (await client.post("/predict_batch", json=sent)).json()["predictions"],
            strict=True,
        )
    }

    by_csv = await send(client, as_csv(raw.to_pylist()), CSV)
    by_arrow = await send(client, as_stream(raw), ARROW)

    for answer in (by_csv, by_arrow):
        assert answer.status_code == 200, answer.text
        facts = answer.json()
        assert {each["message"] for each in facts["errors"]} == {OUTSIDE}
        found = {each["id"]: each["probability"] for each in facts["predictions"]}
        assert len(expected) > 90
        assert {str(encounter): found[encounter] for encounter in found} == expected
        others = {str(each["id"]) for each in facts["errors"]}
        assert others == {*raw["encounter_id"].to_pylist()} - expected.keys()


@pytest.mark.parametrize("form", [CSV, ARROW])
async def test_an_answer_in_a_table_has_a_line_per_row_and_says_what_is_wrong(
    client: httpx.AsyncClient, serve: Serve, rows: list[Row], form: str
) -> None:
    serve(2)
    rows[1]["time_in_hospital"] = 99
    expected = (await client.post("/predict_batch", json=rows)).json()["predictions"]

    answer = await send(client, as_arrow(rows), ARROW, accept=form)

    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == form
    assert answer.headers["x-relevo-model-name"] == "diabetes130"
    assert answer.headers["x-relevo-model-version"] == "2"
    if form == ARROW:
        lines = pa.ipc.open_stream(answer.content).read_all().to_pylist()
    else:
        lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(line["row"]) for line in lines] == list(range(len(rows)))
    told = "`time_in_hospital` is out of range (99); it takes a whole number from 1 to 14"
    assert [line["error"] or "" for line in lines] == ["", told, "", "", ""]
    assert not lines[1]["probability"]
    answered = [line for line in lines if line["probability"]]
    for line, each in zip(answered, expected, strict=True):
        assert float(line["probability"]) == each["probability"]
        assert int(line["prediction"]) == each["prediction"]
        assert line["label"] == each["label"]
    assert len({line["prediction_id"] for line in answered}) == len(answered)


async def test_a_line_of_another_length_sinks_no_other(
    client: httpx.AsyncClient, serve: Serve, rows: list[Row]
) -> None:
    serve()
    lines = as_csv(rows).splitlines()
    body = b"\n".join([lines[0], lines[1], b"a,b", b"", lines[2]])

    facts = (await send(client, body, CSV)).json()

    assert [each["row"] for each in facts["predictions"]] == [0, 2]
    [error] = facts["errors"]
    told = f"has 2 values, the header {len(rows[0])}"
    assert (error["row"], error["field"], error["message"]) == (1, None, told)
    assert facts["errors_total"] == 1


async def test_a_strict_batch_is_refused_for_one_wrong_row(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, rows: list[Row]
) -> None:
    serve()
    rows[3]["time_in_hospital"] = 99

    strict = await client.post("/predict_batch?strict=true", json=rows)
    kind = await client.post("/predict_batch?strict=true", json=rows[:3])
    odd = await client.post("/predict_batch?strict=perhaps", json=rows)

    facts = is_problem(strict, 422)
    assert facts["detail"] == (
        "row 3: `time_in_hospital` is out of range (99);"
        " it takes a whole number from 1 to 14"
    )
    assert [(each["row"], each["field"]) for each in facts["errors"]] == [
        (3, "time_in_hospital")
    ]
    assert kind.status_code == 200
    assert "strict" in is_problem(odd, 422)["detail"]


@pytest.mark.parametrize("form", ["columns", CSV, ARROW])
async def test_a_wrong_name_of_a_column_is_told_once(
    is_problem: IsProblem,
    client: httpx.AsyncClient,
    serve: Serve,
    rows: list[Row],
    form: str,
) -> None:
    serve()
    renamed = [
        {
            "a1c_resul" if name == "a1c_result" else name: value
            for name, value in row.items()
        }
        for row in rows
    ]

    if form == "columns":
        columns = {name: [row[name] for row in renamed] for name in renamed[0]}
        answer = await client.post("/predict_batch", json=columns)
    else:
        content = as_csv(renamed) if form == CSV else as_arrow(renamed)
        answer = await send(client, content, form)

    facts = is_problem(answer, 422)
    assert [(each["field"], each["message"]) for each in facts["errors"]] == [
        ("a1c_resul", "is not a field of diabetes130; did you mean `a1c_result`?"),
        ("a1c_result", "is required"),
    ]


async def test_two_columns_of_one_feature_are_refused(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, rows: list[Row]
) -> None:
    serve()
    body = as_csv([row | {"age": "[0-10)"} for row in rows])

    facts = is_problem(await send(client, body, CSV), 422)

    assert facts["detail"] == "`age_bucket` comes twice: as `age_bucket` and as `age`"


@pytest.mark.parametrize(
    ("form", "body", "status"),
    [
        (CSV, HEADER + b'\n"a', 400),
        (CSV, HEADER + b"\n\xff\xfe", 400),
        (CSV, HEADER + b"\n\x00", 200),
        (CSV, HEADER, 200),
        (CSV, b"", 400),
        (CSV, b" \r\n", 400),
        (CSV, HEADER + b"\nx" * 101, 413),
        (CSV, HEADER + b"\n" + b"," * 20_000, 413),
        (CSV, b"race\n" + b"y" * 90_000, 422),
        (CSV, b"," * 90_000, 413),
        (ARROW, b"", 400),
        (ARROW, b"ARROW1", 400),
        (ARROW, as_stream(table_of([1, 2]))[:-90], 400),
        (ARROW, as_stream(table_of([[1]])), 422),
        (ARROW, as_stream(pa.table({"a": [1]})), 422),
        (ARROW, as_stream(table_of([1] * 101)), 413),
        (ARROW, as_stream(table_of(pa.nulls(100_000))), 413),
        (ARROW, as_stream(table_of(["x"] * 99), "zstd"), 415),
        (ARROW, as_stream(table_of(["x"] * 99), "lz4"), 415),
        (LINES, b"\n \n", 400),
        (LINES, b'{"race": "Other"}\n{"race": ', 400),
        (LINES, b"{}\n" * 101, 413),
        (PARQUET, b"PAR1", 400),
        (PARQUET, as_parquet(table_of([1]))[:-9], 400),
        (PARQUET, as_parquet(table_of([1] * 101)), 413),
        (PARQUET, as_parquet(table_of(pa.nulls(100_000, pa.int32()))), 413),
        (PARQUET, as_parquet(table_of(["x"] * 99), "zstd"), 415),
        (PARQUET, as_parquet(table_of(["x" * 9_000] * 99)), 200),
        (PARQUET, as_parquet(pa.table({"a": [1]})), 422),
        (PARQUET, as_parquet(table_of([[1]])), 422),
    ],
)
async def test_a_table_that_cannot_be_read_is_told_so(
    client: httpx.AsyncClient, serve: Serve, form: str, body: bytes, status: int
) -> None:
    serve()

    answer = await send(client, body, form)

    assert answer.status_code == status, answer.text
    assert answer.status_code == 200 or answer.json()["status"] == status


async def test_a_damaged_arrow_stream_is_never_our_failure(
    client: httpx.AsyncClient, serve: Serve, rows: list[Row]
) -> None:
    serve()
    whole = as_arrow(rows)
    chance = random.Random(5)  # noqa: S311
    statuses = set()
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        statuses.add((await send(client, bytes(damaged), ARROW)).status_code)

    assert statuses <= {200, 400, 413, 415, 422}
    assert 400 in statuses


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/*;q=0.5, application/json;q=0.4", CSV),
        (f"{ARROW}, application/json;q=0.9", ARROW),
        (f"{CSV}, {ARROW}", CSV),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "application/json"),
        ("application/json;q=0, */*", CSV),
        ("", "application/json"),
    ],
)
async def test_accept_chooses_the_form_of_the_answer(
    client: httpx.AsyncClient, serve: Serve, rows: list[Row], accept: str, form: str
) -> None:
    serve()

    answer = await send(client, as_csv(rows), CSV, accept=accept)

    assert answer.headers["content-type"].partition(";")[0] == form


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "nonsense;q=x"])
async def test_an_answer_in_no_form_that_is_accepted_is_refused(
    is_problem: IsProblem,
    client: httpx.AsyncClient,
    serve: Serve,
    rows: list[Row],
    accept: str,
) -> None:
    serve()

    facts = is_problem(await send(client, as_csv(rows), CSV, accept=accept), 406)

    assert "text/csv" in facts["detail"]
