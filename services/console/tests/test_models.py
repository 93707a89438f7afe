"""Models: who was champion when and why, versions side by side, lineage, card."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx

from console.pages.shell import STATIC
from console.reading.card import as_html
from console.reading.lineage import lineage_of
from console.reading.reigns import reigns_of
from relevo_contracts.results import Promotion, Stage, StageResult
from relevo_storage.fakes import MemoryStore
from relevo_story.telling import samples
from relevo_story.telling.facts import Fact

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def promotion(version: str, minutes: int, **moved: str) -> Promotion:
    facts: dict[str, object] = {
        "event_id": f"{version}/{minutes}",
        "model": "m",
        "model_version": version,
        "previous_version": None,
        "bundle_sha256": version * 64,
        "batches": (),
        "promoted_at": NOON + timedelta(minutes=minutes),
    }
    return Promotion.model_validate(facts | moved)


def test_a_reign_ends_when_the_next_begins_and_says_whose_doing_it_was() -> None:
    found = reigns_of(
        [
            promotion("1", 0, moved_by="trainer"),
            promotion("2", 5, moved_by="trainer"),
            promotion("1", 7, moved_by="rollback", who="Ada", why="too eager"),
            promotion("2", 9),
            promotion("1", 10, moved_by="person"),
        ],
        {"1": "beats chance", "2": "is better"},
    )

    assert [(each.version, each.seconds) for each in found] == [
        ("1", None),
        ("2", 60.0),
        ("1", 120.0),
        ("2", 120.0),
        ("1", 300.0),
    ]
    assert [each.why for each in found] == [
        "moved by hand in MLflow; the trainer: beats chance",
        "the alias went back to it",
        "rolled back by Ada: too eager",
        "is better",
        "beats chance",
    ]


async def test_lineage_goes_down_to_what_the_source_sent(facts: list[Fact]) -> None:
    noted = [each for each in facts if isinstance(each, StageResult)]
    results = {(each.batch_id, each.stage.value): each for each in noted}

    [line, unknown] = lineage_of([samples.batch_id(1), "other-0001"], results)

    assert line.clean == results[samples.batch_id(1), Stage.CLEAN].table
    assert line.raw == samples.OBJECT
    assert line.source_sha256 == "5" * 64
    assert (unknown.clean, unknown.raw, unknown.source_sha256) == (None, None, None)


async def test_a_model_shows_its_champions_and_its_figures_by_batch(
    reader: httpx.AsyncClient,
) -> None:
    page = (await reader.get("/models/diabetes130")).text

    found = re.search(r"data-chart='([^']+)'", page)
    assert found is not None
    chart = json.loads(unescape(found[1]))
    assert chart["x"] == [1, 2]
    assert chart["lines"][0]["values"] == [0.61, 0.62]
    assert (chart["low"], chart["high"]) == ([0.5, 0.5], [0.7, 0.7])
    assert page.index("is reason 2") < page.index("is reason 1")
    assert page.count("on duty") == 1
    assert page.count('class="lasting"') == 1  # for how long it is


async def test_versions_stand_side_by_side_at_most_three(
    reader: httpx.AsyncClient,
) -> None:
    page = (await reader.get("/models/diabetes130?compare=1&compare=2&compare=x")).text

    head = page.partition("Side by side")[2].partition("</thead>")[0]
    assert re.findall(r"/models/diabetes130/(\w+)", head) == ["1", "2"]


async def test_a_version_shows_its_card_as_text_and_its_lineage(
    reader: httpx.AsyncClient,
) -> None:
    page = (await reader.get("/models/diabetes130/2")).text

    assert "<h3>A card</h3>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "http://mlflow/#/experiments/7/runs/0a1b" in page
    assert page.count("← source") == 2


async def test_while_mlflow_is_away_a_version_is_told_without_its_card(
    mlflow: MemoryStore, reader: httpx.AsyncClient
) -> None:
    mlflow.away = True

    answer = await reader.get("/models/diabetes130/1")

    assert answer.status_code == 200
    assert "MLflow cannot be asked for the card now" in answer.text
    assert "is reason 1" in answer.text


async def test_a_version_that_nobody_knows_is_not_there(reader: httpx.AsyncClient) -> None:
    assert (await reader.get("/models/diabetes130/77")).status_code == 404
    assert (await reader.get("/models/other")).status_code == 404


async def test_these_pages_load_little_and_write_no_script_and_no_style(
    reader: httpx.AsyncClient,
) -> None:
    for path in ("/batches", "/batches/diabetes130-0001", "/models", "/models/diabetes130"):
        answer = await reader.get(path)
        loaded = re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', answer.text)
        sizes = [(STATIC / name.rpartition("/")[2]).stat().st_size for name in loaded]

        assert sum(sizes) + len(answer.text) <= 150_000, path
        assert not re.search(r"<script(?! src)|style=|onclick=", answer.text), path


def test_a_card_has_tables_and_neither_styles_nor_pictures() -> None:
    html = as_html("| a |\n| --: |\n| 1 |\n\n![x](http://far/x.png)")

    assert "<td>1</td>" in html
    assert "style" not in html
    assert "<img" not in html
