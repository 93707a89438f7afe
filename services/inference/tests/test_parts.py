"""A body that is read part by part is answered as if it had been read at once."""

import csv
import io
import json
import random
from collections.abc import Callable
from typing import Any

import httpx
import pyarrow as pa
import pytest

from inference.tables import arrow_tables, csv_tables, json_tables
from inference.tables.parts import Columns, Rows
from inference.tables.problems import Problem

Row = dict[str, Any]
Serve = Callable[..., Any]
NASTY = ("},", '},{"a":1', "],", '"', "\\", '\\"},', "}\n,", "[70-80)", "\u00e9", "}" * 9)


def anything_goes(*_: object) -> None:
    """A model that knows every name."""


def nasty_rows(number: int, seed: int) -> list[Row]:
    """Rows whose texts look like the borders between rows."""
    chance = random.Random(seed)  # noqa: S311
    return [
        {
            chance.choice(NASTY) + str(place): chance.choice([*NASTY, 1, None, ["},"], {}])
            for place in range(chance.randint(0, 5))
        }
        for _ in range(number)
    ]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of few rows and bytes."""
    monkeypatch.setattr(json_tables, "PART_BYTES", 300)
    monkeypatch.setattr(json_tables, "ROW_BYTES", 2000)
    monkeypatch.setattr(csv_tables, "PART_ROWS", 3)
    monkeypatch.setattr(arrow_tables, "PART_ROWS", 3)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("layout", [{"separators": (",", ":")}, {"indent": 1}, {}])
def test_json_is_cut_between_rows_and_nowhere_else(
    small_parts: None, seed: int, layout: Any
) -> None:
    rows = nasty_rows(200, seed)
    body = json.dumps(rows, ensure_ascii=seed % 2 == 0, **layout).encode()

    parts = list(json_tables.read_json(body, max_rows=200, check=anything_goes))

    assert len(parts) > 5
    values = [part.values for part in parts if isinstance(part, Rows)]
    assert [row for each in values for row in each] == rows


@pytest.mark.parametrize("seed", range(5))
def test_lines_are_cut_between_lines(small_parts: None, seed: int) -> None:
    rows = nasty_rows(200, seed)
    body = b"\n\n".join(json.dumps(row).encode() for row in rows)

    parts = list(json_tables.read_lines(body, max_rows=200, check=anything_goes))

    assert len(parts) > 5
    assert [row for part in parts if isinstance(part, Rows) for row in part.values] == rows


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda text: text[:-1], 400),
        (lambda text: text[:-1] + ",]", 400),
        (lambda text: text + "x", 400),
        (lambda text: text.replace("},{", "} {", 150).replace("} {", "},{", 149), 400),
        (lambda text: text[:-1] + ",{}" + "]", 413),
    ],
)
def test_what_is_wrong_after_the_first_part_is_found_too(
    small_parts: None, change: Callable[[str], str], status: int
) -> None:
    text = json.dumps([{"a": "b" * 20}] * 200, separators=(",", ":"))

    with pytest.raises(Problem) as problem:
        list(
            json_tables.read_json(change(text).encode(), max_rows=200, check=anything_goes)
        )

    assert problem.value.status == status


def test_columns_stay_one_part(small_parts: None) -> None:
    body = json.dumps({"a": [1, 2] * 300, "b": ["],"] * 600}).encode()

    [part] = json_tables.read_json(body, max_rows=600, check=anything_goes)

    assert isinstance(part, Columns)
    assert part.rows == 600
    assert [part.columns["a"][1], part.columns["b"][599]] == [2, "],"]


async def test_parts_are_answered_as_the_whole(
    client: httpx.AsyncClient,
    serve: Serve,
    example: Row,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serve()
    rows = [
        {"id": f"r{number}", **example, "number_inpatient": number % 20}
        for number in range(40)
    ]
    rows[7]["time_in_hospital"], rows[20]["race"] = 99, "Martian"
    table = io.StringIO()
    writer = csv.DictWriter(table, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    ragged = table.getvalue().splitlines()
    ragged[12] = "1,2"
    sink = pa.BufferOutputStream()
    words = pa.Table.from_pylist(rows)
    words = words.set_column(1, "race", words["race"].dictionary_encode())
    with pa.ipc.new_stream(sink, words.schema) as stream:
        stream.write_table(words, max_chunksize=11)
    bodies = {
        "application/json": json.dumps(rows).encode(),
        "application/x-ndjson": "\n".join(map(json.dumps, rows)).encode(),
        "text/csv": "\n".join(ragged).encode(),
        "application/vnd.apache.arrow.stream": bytes(sink.getvalue()),
    }

    async def answers() -> dict[str, Row]:
        return {
            form: without_ids(
                (
                    await client.post(
                        "/predict_batch", content=body, headers={"content-type": form}
                    )
                ).json()
            )
            for form, body in bodies.items()
        }

    whole = await answers()
    monkeypatch.setattr(json_tables, "PART_BYTES", 2000)
    monkeypatch.setattr(json_tables, "ROW_BYTES", 1000)
    monkeypatch.setattr(csv_tables, "PART_ROWS", 7)
    monkeypatch.setattr(arrow_tables, "PART_ROWS", 7)
    assert await answers() == whole
    assert [each["row"] for each in whole["text/csv"]["errors"]] == [7, 11]


def without_ids(answer: Row) -> Row:
    """All that is the same each time."""
    for each in answer["predictions"]:
        del each["prediction_id"]
    return {name: answer[name] for name in answer if name != "timestamp"}
