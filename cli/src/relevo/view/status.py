"""`relevo status`: the same parts as the live view, once; and the same as plain values."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from pydantic import JsonValue
from pydantic_core import to_jsonable_python
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from relevo.view.batches import batches_table
from relevo.view.models import doors
from relevo.view.panels import process_table, rows_of_state
from relevo.view.scene import Scene
from relevo_contracts import ModelServed
from relevo_story.telling import figures, sentences
from relevo_story.telling.batch import Batch
from relevo_story.telling.facts import Buried, Illegible
from relevo_story.telling.story import Story
from relevo_story.telling.timeline import as_values
from relevo_story.telling.training import Training

TOLD = {
    *("verdict", "reason", "algorithm", "champion_version", "task", "figure"),
    *("validation", "test", "champion", "difference", "z"),
    *("live", "live_z", "live_loss", "live_ece", "live_came", "live_said"),
}
"""Of a training, beside its version and how long it took."""


def whole(scene: Scene, *, width: int) -> Group:
    """All parts, one under the other."""
    parts: list[RenderableType] = []
    if scene.processes:
        parts += [process_table(scene.processes, scene.now, with_addresses=True), ""]
    if scene.story.batches:
        parts += [_batches(scene, width=width), ""]
    return Group(*parts, the_rest(scene))


def _batches(scene: Scene, *, width: int) -> Table:
    return batches_table(
        scene.story,
        scene.now,
        width=width,
        has_verdicts="verdicts" not in scene.unknown,
    )


def the_rest(scene: Scene) -> Table:
    """Champion, pods and lag; promotions, dead letters and addresses."""
    story = scene.story
    table = rows_of_state(scene, with_processes=False)
    if history := promotions(story):
        table.add_row("Promotions", "\n".join(history))
    for batch in story.batches:
        if batch.refusal:
            told = Text(f"{story.name(batch.id)} {batch.refusal}", style="red")
            table.add_row("Refused", told)
    for batch in story.undecided:
        table.add_row("Held", Text(f"{story.name(batch.id)}: {batch.held}", "yellow"))
    for name, worth in lived(story):
        table.add_row("Live", f"{name}: {worth}")
    for title, words, style in mendings(story):
        table.add_row(title, Text(words, style=style))
    count = len(story.buried) + len(story.illegible)
    told = Text("none", style="green")
    if count:
        told = Text(f"{count}: see `relevo dead-letters list`", style="yellow")
    if "events" not in scene.unknown:
        table.add_row("Dead letters", told)
    where = scene.where
    for name, url in [*doors(scene), ("Kafka", where.kafka), ("Data API", where.data_api)]:
        if url:
            table.add_row(name, url, style="dim")
    return table


def lived(story: Story) -> Iterator[tuple[str, str]]:
    """Of each dataset the newest batch that a champion met, and how good he was on it."""
    newest: dict[str, tuple[str, str]] = {}
    for batch in story.batches:
        if batch.training and (told := sentences.live(batch.training)):
            newest[batch.dataset] = story.name(batch.id), told
    yield from newest.values()


def promotions(story: Story) -> list[str]:
    """Each model's history: 'pima 14:03:09 version 1 › 14:04:09 version 2'."""
    histories: dict[str, list[str]] = {}
    for event in (promotion.event for promotion in story.promotions):
        told = f"{figures.clock(event.promoted_at)} version {event.model_version}"
        histories.setdefault(event.model, []).append(told)
    return [
        f"{model} " * story.has_several + " › ".join(told)
        for model, told in sorted(histories.items())
    ]


def mendings(story: Story) -> list[tuple[str, str, str]]:
    """('Mended', '3 announcements, 1 bundle', 'yellow'), and what only a person mends."""
    counts = mended_of(story)
    told = [f"{count} {what}{'s' * (count > 1)}" for what, count in counts.items()]
    rows = [("Mended", f"{', '.join(told)}: see the logs", "yellow")] if told else []
    for fact in story.mended.values():
        rows += [
            ("Held back", f"the champion of {model} has seen less than what serves", "red")
            for model in fact.held_back
        ]
        rows += [
            ("Lost", f"the bundle of {model} that serves", "red") for model in fact.lost
        ]
    return rows


def mended_of(story: Story) -> dict[str, int]:
    """How many things the services have mended since their start, by what they are."""
    counts: Counter[str] = Counter()
    for fact in story.mended.values():
        counts.update(fact.counts)
    return dict(sorted(counts.items()))


def as_json(scene: Scene) -> dict[str, JsonValue]:
    """All of it as plain values, without secrets; README.md describes the form."""
    story, where = scene.story, scene.where
    letters: list[Buried | Illegible] = [*story.buried, *story.illegible]
    known: dict[str, object] = {
        "state": str(scene.state),
        "up": bool(scene.processes),
        "time": scene.now,
        "addresses": asdict(where) | {"catalog_url": None},
        "processes": scene.processes,
        "sources": {name: _source(story, name) for name in story.datasets},
        "batches": [_batch(batch) for batch in story.batches],
        "champions": [
            vars(champion) | {"training": _training(champion.training)}
            for champion in story.champions
        ],
        "promotions": [promotion.event for promotion in story.promotions],
        "pods": [
            _pod(pod[model])
            for _, pod in sorted(story.pods.items())
            for model in sorted(pod)
        ],
        "dead_letters": [as_values(letter) for letter in letters],
        "lag": story.lags,
        "mended": mended_of(story),
        "unknown": dict(scene.unknown),
    }
    values: dict[str, JsonValue] = to_jsonable_python(known)
    return values


def _source(story: Story, dataset: str) -> dict[str, object]:
    schedule, seen = story.schedules.get(dataset), story.sources.get(dataset)
    listed = ("total", "next_number", "next_due")
    was_seen = ("status", "is_strange", "reason", "asleep_until", "since")
    return {name: getattr(schedule, name, None) for name in listed} | {
        name: getattr(seen, name, None) for name in was_seen
    }


def _batch(batch: Batch) -> dict[str, object]:
    own = ("dataset", "number", "released_at", "rows", "verdict", "refusal")
    stages: dict[str, object] = {
        name: asdict(step) | {"state": batch.state(name)} for name, step in batch.steps
    }
    return (
        stages
        | {name: getattr(batch, name) for name in own}
        | {
            "batch_id": batch.id,
            "training": _training(batch.training),
            "version": batch.version,
            "promoted_at": batch.promoted_at,
            "served_by": sorted(batch.served),
            "answered_after_seconds": batch.answered_after,
        }
    )


def _training(training: Training | None) -> dict[str, object] | None:
    if training is None:
        return None
    own = {"version": training.version, "seconds": training.took_seconds}
    return training.model_dump(include=TOLD) | own


def _pod(event: ModelServed) -> dict[str, object]:
    own = {"pod", "model", "serving_version", "outcome", "reason"}
    return event.model_dump(include=own) | {
        "promoted_version": event.model_version,
        "since": event.served_at,
    }
