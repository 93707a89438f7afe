"""The table of batches on their way through the stages."""

from datetime import datetime

from rich import box
from rich.table import Table
from rich.text import Text

from relevo.story import figures
from relevo.story.batch import Batch, Step
from relevo.story.facts import Progress, Schedule
from relevo.story.story import Story
from relevo.story.training import Training
from relevo_storage.catalog import Verdict

SPINNER = "◐◓◑◒"


NARROW = 96
"""Columns of the terminal below which the time of each stage is left out."""


def batches_table(
    story: Story, now: datetime, *, width: int, most: int | None = None
) -> Table:
    """One row per batch, the newest `most` of them, and one for the batch to come."""
    is_narrow = width < NARROW
    batches = story.batches
    shown = batches[-most:] if most else batches
    several = len({batch.dataset for batch in batches}) > 1
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("batch", style="bold", no_wrap=True, min_width=5)
    table.add_column("released", no_wrap=True, width=8)
    for stage in ("raw", "clean"):
        table.add_column(stage, no_wrap=True, width=9 if is_narrow else 14)
    table.add_column("trained: ROC-AUC on test", no_wrap=True, ratio=1)
    table.add_column("answered", no_wrap=True, width=12)
    training = next((b.id for b in batches if b.state("trained") == "working"), None)
    for batch in shown:
        name = f"{batch.dataset} {batch.number}" if several else str(batch.number)
        released = figures.clock(batch.released_at) if batch.released_at else ""
        table.add_row(
            name,
            Text(released, style="dim"),
            _step(batch, "raw", now, is_narrow=is_narrow),
            _step(batch, "clean", now, is_narrow=is_narrow),
            _trained(batch, story, now, is_next=batch.id == training),
            _answering(batch, len(story.pods)),
        )
    if next_row := _next(story.schedule, batches, now):
        table.add_row(*next_row)
    return table


def _next(
    schedule: Schedule | None, batches: list[Batch], now: datetime
) -> tuple[Text, Text] | None:
    if schedule is None or schedule.next_due is None:
        return None
    if any(batch.number == schedule.next_number for batch in batches):
        return None
    left = (schedule.next_due - now).total_seconds()
    due = f"in {figures.countdown(left)}" if left > 0 else "now"
    return Text(str(schedule.next_number), style="dim"), Text(due, style="dim")


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


def _trained(batch: Batch, story: Story, now: datetime, *, is_next: bool) -> Text:
    if batch.trained.refused is not None or batch.refusal:
        reasons = [step.refused for _, step in batch.steps if step.refused]
        return Text(f"✘ {reasons[0]}", style="red", overflow="ellipsis")
    if batch.training is not None:
        return verdict(batch.training)
    if batch.state("trained") != "working":
        return Text("")
    if not is_next:
        return Text("waits for the batches before it", style="dim", overflow="ellipsis")
    told = progress_of(story.progress, batch)
    return Text(
        f"{_turning(now)} {told}{_waited(batch, 'trained', now)}",
        "cyan",
        overflow="ellipsis",
    )


def progress_of(progress: Progress | None, batch: Batch) -> str:
    """What the trainer says that it is doing with this batch, if anything."""
    is_about = progress is not None and progress.batch_id == batch.id
    return f"{progress.text} · " if progress and is_about else ""


def verdict(training: Training) -> Text:
    """'★ v2 promoted 0.668 +0.029 z 3.2 5.1 s lightgbm'."""
    if training.verdict is Verdict.PROMOTED:
        version = f"v{training.version} " if training.version else ""
        text = Text(f"★ {version}promoted", style="bold green", overflow="ellipsis")
    elif training.champion_version:
        text = Text(f"= v{training.champion_version} stays", overflow="ellipsis")
    else:
        text = Text("= no model yet", overflow="ellipsis")
    if training.auc is not None:
        text.append(f" {figures.metric(training.auc)}", style="bold")
    if training.difference is not None and not training.is_first:
        text.append(f" {training.difference:+.3f}", style="")
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
