"""The table of batches on their way through the stages."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from rich import box
from rich.table import Table
from rich.text import Text

from relevo_contracts.results import Verdict
from relevo_story.telling import figures
from relevo_story.telling.batch import Batch, Step
from relevo_story.telling.facts import Schedule
from relevo_story.telling.story import Story
from relevo_story.telling.training import Training

SPINNER = "◐◓◑◒"


NARROW = 96
"""Columns of the terminal below which the time of each stage is left out."""


def batches_table(
    story: Story, now: datetime, *, width: int, most: int | None = None
) -> Table:
    """One row per batch, the newest `most` of them, and one for each batch to come.

    A dataset's rows stand together, with its name where there are several.
    """
    is_narrow = width < NARROW
    batches = story.batches
    figure = common_figure(batches)
    tell = partial(
        verdict, is_named=figure is None, is_short=is_narrow and story.has_several
    )
    table = _columns(figure, is_narrow=is_narrow)
    shown = newest(batches, most)
    for dataset in story.datasets:
        own = [batch for batch in batches if batch.dataset == dataset]
        training = next((b.id for b in own if b.state("trained") == "working"), None)
        name = f"{dataset} " * story.has_several
        for batch in own:
            if batch.id not in shown:
                continue
            released = figures.clock(batch.released_at) if batch.released_at else ""
            table.add_row(
                f"{name}{batch.number}",
                Text(released, style="dim"),
                _step(batch, "raw", now, is_narrow=is_narrow),
                _step(batch, "clean", now, is_narrow=is_narrow),
                _trained(batch, story, now, tell, is_next=batch.id == training),
                _answering(batch, len(story.pods)),
            )
        if next_row := _next(story.schedules.get(dataset), own, now, name=name):
            table.add_row(*next_row)
    return table


def _columns(figure: str | None, *, is_narrow: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("batch", style="bold", no_wrap=True, min_width=5)
    table.add_column("released", no_wrap=True, width=8)
    for stage in ("raw", "clean"):
        table.add_column(stage, no_wrap=True, width=9 if is_narrow else 14)
    heading = f"trained: {figures.figure(figure)} on test" if figure else "trained, on test"
    table.add_column(heading, no_wrap=True, ratio=1)
    table.add_column("answered", no_wrap=True, width=12)
    return table


def newest(batches: Sequence[Batch], most: int | None) -> set[str]:
    """The ids of so many batches: the last of each dataset, the last but one, and so on."""
    ages: Counter[str] = Counter()
    aged = []
    for batch in reversed(batches):
        aged.append((ages[batch.dataset], batch.id))
        ages[batch.dataset] += 1
    return {name for _, name in sorted(aged)[:most]}


def common_figure(batches: Sequence[Batch]) -> str | None:
    """The leading figure of all trainings, by its name; None when they have several."""
    trainings = [batch.training for batch in batches if batch.training]
    names = {training.figure for training in trainings if training.figure}
    return names.pop() if len(names) == 1 else None


def _next(
    schedule: Schedule | None, batches: Sequence[Batch], now: datetime, *, name: str
) -> tuple[Text, Text] | None:
    if schedule is None or schedule.next_due is None:
        return None
    if schedule.next_number in {batch.number for batch in batches}:
        return None
    left = (schedule.next_due - now).total_seconds()
    due = f"in {figures.countdown(left)}" if left > 0 else "now"
    return Text(f"{name}{schedule.next_number}", style="dim"), Text(due, style="dim")


def _step(batch: Batch, stage: str, now: datetime, *, is_narrow: bool) -> Text:
    match batch.state(stage):
        case "refused":
            return Text("✘ refused", style="bold red")
        case "working":
            return Text(f"{_turning(now)} {_waited(batch, stage, now)}", style="cyan")
        case "done":
            return _done(dict(batch.steps)[stage], is_narrow=is_narrow)
    return Text("")


def _done(step: Step, *, is_narrow: bool) -> Text:
    text = Text.assemble(("✔ ", "green"), f"{figures.rows(step.rows):>6}")
    if step.seconds is not None and not is_narrow:
        text.append(f" {figures.seconds(max(step.seconds, 0.1))}", style="dim")
    return text


def _trained(
    batch: Batch,
    story: Story,
    now: datetime,
    tell: Callable[[Training], Text],
    *,
    is_next: bool,
) -> Text:
    if batch.trained.refused is not None or batch.refusal:
        reasons = [step.refused for _, step in batch.steps if step.refused]
        return Text(f"✘ {reasons[0]}", style="red", overflow="ellipsis")
    if batch.training is not None:
        return tell(batch.training)
    if batch.state("trained") != "working":
        return Text("")
    if not is_next:
        return Text("waits for the batches before it", style="dim", overflow="ellipsis")
    stage = story.progress.get(batch.id)
    told = f"{stage} · " if stage else ""
    return Text(
        f"{_turning(now)} {told}{_waited(batch, 'trained', now)}",
        "cyan",
        overflow="ellipsis",
    )


def verdict(training: Training, *, is_named: bool = False, is_short: bool = False) -> Text:
    """'★ v2 promoted 0.668 +0.029 z 3.2 5.1 s lightgbm'.

    is_named: with the name of the figure. is_short: without what its sign says already.
    """
    if training.verdict is Verdict.PROMOTED:
        version = f"v{training.version}" if training.version else ""
        word = "" if version and is_short else " promoted"
        text = Text(f"★ {version}{word}", style="bold green", overflow="ellipsis")
    elif training.champion_version:
        word = "" if is_short else " stays"
        text = Text(f"= v{training.champion_version}{word}", overflow="ellipsis")
    else:
        text = Text("= no model yet", overflow="ellipsis")
    if training.test is not None:
        text.append(f" {figures.metric(training.test)}", style="bold")
        if is_named:
            text.append(f" {figures.figure(training.figure)}")
    if training.gain is not None:
        text.append(f" {training.gain:+.3f}", style="")
    if training.z is not None:
        text.append(f" z {training.z:.1f}", style="")
    text.append(f" {figures.seconds(training.seconds)}", style="dim")
    if training.algorithm:
        text.append(f" {training.algorithm}", style="dim")
    return text


def _answering(batch: Batch, pods: int) -> Text:
    if batch.version is None:
        return Text("")
    answered = batch.answered_after
    count = len(batch.served)
    style = "green" if count >= pods > 0 else "yellow"
    text = Text(f"{count} of {max(pods, count)}", style=style)
    if answered is not None:
        text.append(f" {figures.seconds(answered)}", style="bold")
    return text


def _waited(batch: Batch, stage: str, now: datetime) -> str:
    """How long a batch has been at this stage."""
    began = batch.released_at
    for name, step in batch.steps:
        if name == stage:
            break
        began = step.finished_at or began
    return figures.seconds(max(1.0, (now - began).total_seconds())) if began else ""


def _turning(now: datetime) -> str:
    return SPINNER[int(now.timestamp() * 2) % len(SPINNER)]
