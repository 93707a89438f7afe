"""Several datasets and their models on one screen: told apart, and none hides another."""

import io
import re
from datetime import timedelta

import pytest
from pydantic import JsonValue
from rich.console import Console

from relevo.commands.events import subject_width
from relevo.view.batches import in_sight
from relevo.view.models import serving
from relevo.view.picture import Picture
from relevo.view.scene import Scene
from relevo.view.showing import continued
from relevo.view.status import as_json, whole
from relevo_contracts import SourceSeen
from relevo_contracts.results import Stage, Verdict
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling import samples
from relevo_story.telling.facts import Fact, Lag, Lags, Progress
from relevo_story.telling.samples import happened, result
from relevo_story.telling.story import Story

FIGURES: dict[str, tuple[str, str, float]] = {
    "covertype": ("multiclass", "accuracy", 0.71),
    "diabetes130": ("binary", "roc_auc", 0.676),
    "pima": ("binary", "roc_auc", 0.83),
}
NOW = samples.at(2, 12)


def facts_of(dataset: str) -> list[Fact]:
    """A batch with its model, and one that is being learned from."""
    task, figure, value = FIGURES[dataset]
    statistics: dict[str, JsonValue] = {
        "task": task,
        "figure": figure,
        "test": value,
        "algorithm": "lightgbm",
        "model_version": "1",
    }
    clean = samples.clean(1, dataset)
    return [
        samples.released(1, dataset),
        happened(samples.raw(1, dataset)),
        result(Stage.CLEAN, 1, dataset=dataset, after=1.1, seconds=0.6, event=clean),
        result(
            Stage.TRAINED,
            1,
            Verdict.PROMOTED,
            dataset=dataset,
            after=8,
            seconds=5,
            statistics=statistics,
            reason="beats chance beyond noise",
        ),
        happened(samples.promoted("1", 1, dataset)),
        *(happened(samples.served(pod, "1", 1, dataset)) for pod in ("pod-1", "pod-2")),
        samples.released(2, dataset),
        happened(samples.raw(2, dataset)),
        happened(samples.clean(2, dataset)),
        samples.schedule(3, dataset),
    ]


@pytest.fixture
def scene() -> Scene:
    """Three datasets side by side."""
    story, lines = Story(pods=2, datasets=FIGURES), []
    stages = {samples.batch_id(2, name): f"stage of {name[0]}" for name in FIGURES}
    away = SourceSeen(
        source="pima",
        status="unavailable",
        reason="connection refused",
        since=NOW,
        seen_at=NOW,
        valid_until=NOW + timedelta(minutes=1),
    )
    facts = [fact for name in FIGURES for fact in facts_of(name)]
    lags = [
        Lag(f"trainer-{name}", "batch.clean", records, 3.5 * records, name)
        for name, records in (("covertype", 0), ("diabetes130", 0), ("pima", 1))
    ]
    facts += [Progress(stages), Lags((Lag("cleaner", "batch.raw", 0), *lags))]
    for fact in [*facts, happened(away)]:
        lines += story.add(fact)
    where = Whereabouts(inference=("http://p1", "http://p2"), datasets=tuple(FIGURES))
    return Scene(story=story, now=NOW, where=where, lines=lines, interval_seconds=20)


def picture(scene: Scene, width: int, height: int) -> list[str]:
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None)
    options = console.options.update(height=height)
    lines = console.render_lines(Picture(scene), options, pad=False)
    return ["".join(segment.text for segment in line) for line in lines]


def status(scene: Scene, width: int) -> str:
    output = io.StringIO()
    console = Console(width=width, file=output, color_system=None)
    console.print(whole(scene, width=width))
    return output.getvalue()


def test_in_80_columns_every_dataset_has_its_batch_its_next_one_and_its_champion(
    scene: Scene,
) -> None:
    lines = picture(scene, 80, 24)

    assert len(lines) == 24
    assert max(map(len, lines)) <= 80
    shown = "\n".join(lines)
    for told in (
        r"covertype 2 .* stage of c",
        r"covertype 3 +in 8 s",
        r"diabetes130 2 .* stage of d",
        r"diabetes130 3 +in 8 s",
        r"pima 2 .* stage of p",
        r"pima 3 +in 8 s",
        r"Champion +covertype v1  lightgbm  accuracy 0.710",
        r"diabetes130 v1  lightgbm  ROC-AUC 0.676",
        r"pima v1  lightgbm  ROC-AUC 0.830",
        r"Serving +pod-1, pod-2 covertype v1, diabetes130 v1, pima v1",
        r"Lag +cleaner 0 +trainer 1, 3.5 s \(pima\)",
        r"Source +pima is away: connection refused",
        r"What happened",
    ):
        assert re.search(told, shown), f"{told!r} is not in\n{shown}"


def test_a_verdict_names_its_figure_where_the_datasets_have_different_ones(
    scene: Scene,
) -> None:
    wide, narrow = status(scene, 120), status(scene, 80)

    assert re.search(r"covertype 1 .* ★ v1 promoted 0.710 accuracy", wide), wide
    assert re.search(r"pima 1 .* ★ v1 promoted 0.830 ROC-AUC", wide), wide
    assert "trained, on test" in wide
    assert re.search(r"covertype 1 .* ★ v1 0.710 acc", narrow), narrow


def test_status_has_the_promotions_of_each_model(scene: Scene) -> None:
    shown = status(scene, 120)

    assert re.search(r"Promotions +covertype \d\d:\d\d:\d\d version 1 *\n", shown), shown
    assert re.search(r"\n +pima \d\d:\d\d:\d\d version 1 *\n", shown), shown


def test_status_as_json_has_each_models_pods_and_each_datasets_source(scene: Scene) -> None:
    values = as_json(scene)

    pods, sources = values["pods"], values["sources"]
    assert isinstance(pods, list)
    assert isinstance(sources, dict)
    assert [(pod["pod"], pod["model"]) for pod in pods if isinstance(pod, dict)] == [
        (pod, model) for pod in ("pod-1", "pod-2") for model in sorted(FIGURES)
    ]
    assert {name: each["status"] for name, each in sources.items()} == {  # type: ignore[index, call-overload]
        "covertype": None,
        "diabetes130": None,
        "pima": "unavailable",
    }
    assert sources["covertype"]["next_number"] == 3  # type: ignore[index, call-overload]


def test_a_pod_that_answers_otherwise_has_a_line_of_its_own(scene: Scene) -> None:
    scene.story.add(happened(samples.served("pod-2", "2", 2, "pima", refused="differs")))

    assert str(serving(scene)).splitlines() == [
        "pod-1 covertype v1, diabetes130 v1, pima v1",
        "pod-2 covertype v1, diabetes130 v1, pima none refused 2",
    ]


def test_a_dataset_with_many_batches_hides_no_other() -> None:
    story = Story()
    for number in range(1, 8):
        story.add(samples.released(number))
    for number in (1, 2):
        story.add(samples.released(number, "pima"))

    assert in_sight(story.batches, (), 5) == {
        *(samples.batch_id(number) for number in (5, 6, 7)),
        *(samples.batch_id(number, "pima") for number in (1, 2)),
    }


def test_an_earlier_start_is_told_with_all_its_champions(scene: Scene) -> None:
    assert continued(scene.story, NOW) == (
        "goes on from where it was: 6 batches taken, covertype version 1, diabetes130"
        " version 1 and pima version 1 are champion"
    )


def test_who_an_event_is_about_has_room_for_a_batch_of_the_longest_name() -> None:
    assert subject_width(["diabetes130"]) == len("diabetes130")
    assert subject_width(["pima", "diabetes130"]) == len("diabetes130 batch 10")
