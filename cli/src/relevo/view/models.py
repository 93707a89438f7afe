"""Which version of each model should serve, and by which ones each pod answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.text import Text

from relevo.view.consoles import STATES, WORDS
from relevo.view.scene import Scene
from relevo_contracts import ModelServed
from relevo_local.supervising.processes import ProcessStatus
from relevo_story.telling import figures
from relevo_story.telling.champions import Champion
from relevo_story.telling.story import Story


def champions(story: Story, now: datetime) -> Text:
    """'version 2  lightgbm  ROC-AUC 0.668  since 14:03:09 (2 min), learned from 2 batches'.

    Several models have a line each, with their names; what is too long is cut.
    """
    found = story.champions
    if not found:
        return Text("none yet: the first model that beats chance becomes it", style="dim")
    if not story.has_several:
        return _champion(found[0], now)
    lines = Text("\n", no_wrap=True, overflow="ellipsis")
    return lines.join(_champion(each, now, is_named=True) for each in found)


def _champion(champion: Champion, now: datetime, *, is_named: bool = False) -> Text:
    number = champion.version
    called = f"{champion.model} v{number}" if is_named else f"version {number}"
    text = Text.assemble((called, "bold green"))
    training = champion.training
    if training and training.algorithm:
        text.append(f"  {training.algorithm}")
    if training and training.test is not None:
        text.append(f"  {figures.named(training.figure, training.test)}", style="bold")
    since, age = figures.clock(champion.since), figures.age(champion.since, now)
    batches = figures.batches(len(champion.batches))
    text.append(f"  since {since} ({age}), learned from {batches}", style="dim")
    if champion.moved_by == "rollback":
        text.append(f", a rollback by {champion.who}", style="yellow")
    if champion.held:
        text.append(f", {champion.held}", style="yellow")
    return text


def serving(scene: Scene) -> Text:
    """'pod-1 version 2 pid 4711   pod-2 version 1 pid 4712'; a refusal in red.

    With several models, pods that answer alike are told together:
    'pod-1, pod-2 covertype v1, pima v2'.
    """
    story = scene.story
    if not story.pods:
        return _without_model(story)
    should = {champion.model: champion.version for champion in story.champions}
    processes = {process.name: process for process in scene.processes}
    alike: dict[str, tuple[list[str], Text]] = {}
    for name, answers in sorted(story.pods.items()):
        text = _answers(answers, should, processes.get(name), is_named=story.has_several)
        key = text.plain if story.has_several else name
        alike.setdefault(key, ([], text))[0].append(name)
    return Text("\n" if story.has_several else "   ").join(
        Text(f"{', '.join(names)} ", style="bold").append_text(text)
        for names, text in alike.values()
    )


def _without_model(story: Story) -> Text:
    """'2 of 2 pods answer, and wait for a first model'."""
    pods = [door.answers for door in story.doors.values() if door.what == "pod"]
    if not any(pods):
        return Text("no pod answers yet", style="dim")
    told = f"{sum(pods)} of {len(pods)} pods answer, and wait for a first model"
    return Text(told, style="green" if all(pods) else "yellow")


def _answers(
    answers: Mapping[str, ModelServed],
    should: Mapping[str, str],
    process: ProcessStatus | None,
    *,
    is_named: bool,
) -> Text:
    """By which version of each model a pod answers."""
    if process is not None and process.state != "ready":
        return Text(
            f"is {WORDS.get(process.state, process.state)}", style=STATES[process.state]
        )
    text = Text(", ").join(
        _answer(event, should.get(model), is_named=is_named)
        for model, event in sorted(answers.items())
    )
    pid = f" pid {process.pid}" if process and process.pid and not is_named else ""
    return text.append(pid, style="dim")


def _answer(event: ModelServed, should: str | None, *, is_named: bool) -> Text:
    serves = event.serving_version
    word = f"{event.model} v" if is_named else "version "
    told = f"{word}{serves}" if serves else f"{word.removesuffix('v')}none"
    text = Text(told, style="green" if serves == should else "yellow")
    if event.outcome == "refused":
        text.append(f" refused {event.model_version}", style="bold red")
    return text


def doors(scene: Scene) -> Sequence[tuple[str, Text]]:
    """What a person may open, the console first; what does not answer yet says so."""
    where = scene.where
    pods = "  ".join(f"{url}/docs" for url in where.inference)
    found = [("Console", where.console), ("Pods", pods), ("MLflow", where.mlflow)]
    coming = {door.url for door in scene.story.doors.values() if not door.answers}
    told = [
        (name, Text(url, no_wrap=True, overflow="ellipsis"), url in coming)
        for name, url in found
        if url
    ]
    late = "  is still coming"
    return [(name, url.append(late * is_late, "yellow")) for name, url, is_late in told]
