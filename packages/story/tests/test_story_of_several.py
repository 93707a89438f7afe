"""The story of several datasets: each line names the model that it is about."""

from pydantic import JsonValue

from relevo_contracts.results import Stage, Verdict
from relevo_story.telling import samples
from relevo_story.telling.facts import Fact, Line
from relevo_story.telling.samples import happened, result
from relevo_story.telling.story import Story
from relevo_story.telling.timeline import Timeline

FIRST: dict[str, JsonValue] = {"task": "binary", "figure": "roc_auc", "model_version": "1"}


def told(story: Story, *facts: Fact) -> list[str]:
    lines: list[Line] = []
    for fact in facts:
        lines += story.add(fact)
    return [f"{line.subject}: {line.text}" for line in lines]


def test_several_datasets_and_their_models_are_told_apart_by_their_names() -> None:
    story = Story(pods=1)
    story.add(samples.released(1))

    assert told(
        story,
        happened(samples.raw(1, "pima")),
        result(
            Stage.TRAINED, 1, Verdict.KEPT, dataset="pima", after=8, seconds=6,
            reason="beats nobody",
        ),
        happened(samples.promoted("2", 1, "pima", before="1")),
        happened(samples.served("pod-1", "2", 1, "pima")),
        happened(samples.served("pod-1", "2", 1, "pima", after=60)),
        happened(samples.served("pod-1", "3", 1, "pima", refused="golden row 3 differs")),
    ) == [
        "pima batch 1: 15,000 rows stored, 0.4 s after its release",
        "pima batch 1: beats nobody; no model is promoted",
        "champion: pima version 2, learned from 1 batch (before: version 1)",
        "pods: pod-1 serves pima version 2, 9.8 s after the batch was released",
        "pods: pod-1 serves pima version 2 again, loaded in 0.3 s",
        "pods: pod-1 refused pima version 3 and serves no model yet: golden row 3 differs",
    ]  # fmt: skip


def test_what_is_known_to_run_is_named_before_anything_of_it_is_heard() -> None:
    story = Story(datasets=("diabetes130", "pima"))

    assert told(story, happened(samples.promoted("1", 1))) == [
        "champion: diabetes130 version 1, learned from 1 batch"
    ]


def test_two_models_with_the_same_version_number_are_two() -> None:
    story = Story(pods=1)
    for dataset, figure in (("diabetes130", 0.67), ("pima", 0.83)):
        statistics: dict[str, JsonValue] = {**FIRST, "test": figure}
        story.add(
            result(
                Stage.TRAINED,
                1,
                Verdict.PROMOTED,
                dataset=dataset,
                after=8,
                seconds=6,
                statistics=statistics,
            )
        )
        story.add(happened(samples.promoted("1", 1, dataset)))
        story.add(happened(samples.served("pod-1", "1", 1, dataset)))
    story.add(happened(samples.served("pod-1", "2", 2, "pima", refused="no")))

    champions = {each.model: each.training for each in story.champions}
    assert {model: each and each.test for model, each in champions.items()} == {
        "diabetes130": 0.67,
        "pima": 0.83,
    }
    assert [(batch.id, batch.version, list(batch.served)) for batch in story.batches] == [
        ("diabetes130-0001", "1", ["pod-1"]),
        ("pima-0001", "1", ["pod-1"]),
    ]
    assert {model: each.outcome for model, each in story.pods["pod-1"].items()} == {
        "diabetes130": "served",
        "pima": "refused",
    }  # fmt: skip


def test_the_timeline_names_the_model_of_a_swap_where_there_are_several() -> None:
    timeline = Timeline(Story(datasets=("diabetes130", "pima")))
    timeline.entry(happened(samples.promoted("1", 1, "pima")))

    swap = timeline.entry(happened(samples.served("pod-1", "1", 1, "pima")))

    assert (swap.subject, swap.text) == ("pod-1", "serves pima version 1, swapped in 0.3 s")
