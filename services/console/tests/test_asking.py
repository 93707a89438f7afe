"""What a model takes becomes fields, what it answers bars; a file's rows become CSV."""

import io
from collections.abc import AsyncIterator

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet
from pydantic import JsonValue

from console.asking.answers import errors_of, shown
from console.asking.fields import Field, fields_of, lacking
from console.asking.parquet import MOST_BYTES, ParquetFiles, Unreadable
from console.asking.pods import Model, Pods, Silence
from relevo_contracts import ClassWords, Feature


def feature(name: str, kind: str, **facts: object) -> Feature:
    told = {"name": name, "kind": kind, "raw_name": name, "description": name}
    return Feature.model_validate(told | facts)


DOSES = {"categories": ("No", "Up"), "closed": True}
FEATURES = (
    feature("dose", "category", required=False, default="No", **DOSES),
    feature("size", "number", minimum=0.5, maximum=20),
    feature("open", "boolean", nullable=True),
    feature("sex", "category", categories=("F", "M"), closed=True),
    feature(
        "way",
        "identifier",
        raw_name="way_id",
        categories=("1", "7"),
        meanings={"7": "Emergency Room"},
    ),
)


def field(name: str, **values: JsonValue) -> Field:
    return next(each for each in fields_of(FEATURES, values, {}) if each.name == name)


def test_what_a_row_must_have_comes_first_and_defaults_are_filled() -> None:
    fields = fields_of(FEATURES, {}, {})

    assert [each.name for each in fields] == ["size", "open", "sex", "way", "dose"]
    assert [each.value for each in fields] == ["", "", "", "", "No"]


def test_a_closed_set_offers_its_words_and_unknown_only_where_it_may_be() -> None:
    assert field("open").options == (("", "not known"), ("false", "no"), ("true", "yes"))
    assert field("sex").options == (("", "choose …"), ("F", "F"), ("M", "M"))
    assert field("sex", sex="M").options == (("F", "F"), ("M", "M"))
    assert field("dose").options == (("No", "No"), ("Up", "Up"))


def test_an_open_set_proposes_its_words_with_what_they_mean() -> None:
    way = field("way", way=7)

    assert not way.is_closed
    assert way.options == (("1", "1"), ("7", "7: Emergency Room"))
    assert (way.value, way.meaning) == ("7", "Emergency Room")


def test_a_number_has_its_range() -> None:
    size = field("size")

    assert (size.minimum, size.maximum, size.step) == ("0.5", "20", "any")
    assert size.range == "0.5 to 20"


def test_an_error_is_beside_its_field_also_under_the_sources_name() -> None:
    errors = {"way_id": "is none", "": "no row", "colour": "is no field"}
    fields = fields_of(FEATURES, {}, errors)

    assert [each.error for each in fields if each.error] == ["is none"]
    assert lacking(FEATURES, errors) == ["no row", "colour: is no field"]


def test_all_that_is_wrong_with_a_field_is_said() -> None:
    errors = [
        {"field": "a", "message": "x", "allowed": "y"},
        {"field": "a", "message": "z"},
    ]

    assert errors_of({"errors": errors}) == {"a": "x; it takes y; z"}
    assert errors_of({"detail": "too much"}) == {"": "too much"}


def model(**changes: object) -> Model:
    facts = {
        "model_name": "m",
        "model_version": "3",
        "pod": "pod-1",
        "dataset": "d",
        "task": "binary",
        "algorithm": "a",
        "features": FEATURES,
    }
    return Model.model_validate(facts | changes)


COMMON = {"model_version": "3", "timestamp": "t", "prediction_id": "p", "unseen": []}


def test_several_classes_have_a_bar_each_in_their_order() -> None:
    classes = [ClassWords(value=n, label=f"kind {n}", words=()) for n in (1, 2, 3)]
    answer = {"prediction": 3, "probabilities": {"1": 0.25, "2": 0.0, "3": 0.75}}
    told = shown(COMMON | answer | {"probability": 0.75}, model(classes=classes), "")

    assert [bar.label for bar in told.bars] == ["kind 1", "kind 2", "kind 3"]
    assert [bar.width for bar in told.bars] == [25.0, 0.0, 75.0]
    assert [bar.is_said for bar in told.bars] == [False, False, True]


def test_a_number_has_its_interval_and_no_bars() -> None:
    interval = {"low": 1.5, "high": 4.5}
    told = shown(COMMON | {"prediction": 3.14159265, "interval": interval}, model(), "")

    assert (told.prediction, told.interval, told.bars) == ("3.1416", (1.5, 4.5), ())


def test_the_threshold_of_another_version_is_not_told() -> None:
    answer = COMMON | {"prediction": 1, "probability": 0.6}

    assert shown(answer, model(threshold=0.3), "").threshold == 0.3
    assert shown(answer, model(threshold=0.3, model_version="4"), "").threshold is None


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 2**20):
        yield content[start : start + 2**20]


def as_parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    return sink.getvalue()


async def refusal(content: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        await ParquetFiles().as_csv(pieces(content))
    return caught.value


@pytest.mark.slow
async def test_rows_of_a_parquet_file_become_csv() -> None:
    table = pa.table({"a": ["x,y", None, "ä"], "n": [1, 2, None], "b": [True, None, False]})

    with await ParquetFiles().as_csv(pieces(as_parquet(table))) as made:
        lines = made.read().decode().splitlines()

    assert lines == ['"a","n","b"', '"x,y",1,true', ",2,", '"ä",,false']


def repeated(length: int, rows: int) -> bytes:
    """A small file of the same long text in every row."""
    places = pa.array([0] * rows, pa.int32())
    column = pa.DictionaryArray.from_arrays(places, ["x" * length])
    sink = io.BytesIO()
    parquet.write_table(pa.table({"a": column}), sink, store_schema=False)
    return sink.getvalue()


@pytest.mark.slow
async def test_a_file_that_unpacks_to_any_size_ends_its_reader_alone() -> None:
    too_much_memory, too_much_output = repeated(10**6, 5_000), repeated(1_000, 10**5)

    for content in (too_much_memory, too_much_output):
        assert len(content) < 2**20
        assert (await refusal(content)).status == 413


@pytest.mark.slow
async def test_what_is_no_table_is_refused_in_words() -> None:
    nested = as_parquet(pa.table({"a": [[1], [2]]}))

    for content in (b"PAR1 nonsense", nested):
        told = await refusal(content)
        assert told.status == 422
        assert str(told).startswith("it is no Parquet file that can be read as CSV: ")


async def test_a_file_that_is_too_long_is_given_up() -> None:
    assert (await refusal(bytes(MOST_BYTES + 1))).status == 413


@pytest.mark.parametrize("status", [401, 403])
async def test_a_pod_that_does_not_take_the_consoles_own_key_is_told_as_such(
    status: int,
) -> None:
    refusal = httpx.Response(status, json={"detail": "this needs a key"})
    transport = httpx.MockTransport(lambda _: refusal)
    async with httpx.AsyncClient(transport=transport) as client:
        with pytest.raises(Silence, match="RELEVO_API_KEY: this needs a key"):
            await Pods(client, ["http://pod"]).names()
