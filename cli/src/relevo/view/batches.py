"""The table of batches on their way through the stages."""

from collections import Counter
from collections.abc import Container, Sequence
from datetime import datetime

from rich import box
from rich.table import Table
from rich.text import Text

from relevo_contracts.results import Stage, Verdict
from relevo_story.telling import figures
from relevo_story.telling.batch import Batch, Step
from relevo_story.telling.facts import Schedule
from relevo_story.telling.story import Story
from relevo_story.telling.training import Training
from relevo_story.telling.work import Work, works

SPINNER = "◐◓◑◒"
NARROW = 96
"""Columns of the terminal below which the time of each stage is left out."""


def batches_table(
    story: Story,
    now: datetime,
    *,
    width: int,
    most: int | None = None,
    has_verdicts: bool = True,
) -> Table:
    """One row per batch, the `most` of them that matter, and one for each to come.

    A dataset's rows stand together, with its name where there are several. Without the
    catalog's verdicts (`has_verdicts`) nobody knows whether a batch is still in training.
    """
    is_narrow = width < NARROW
    batches = story.batches
    at_work = works(story)
    figure = common_figure(batches)
    table = _columns(figure, is_narrow=is_narrow)
    shown = in_sight(batches, at_work, most)
    for dataset in story.datasets:
        own = [batch for batch in batches if batch.dataset == dataset]
        name = f"{dataset} " * story.has_several
        for batch in own:
            if batch.id not in shown:
                continue
            work = at_work.get(batch.id)
            cells = [_cell(batch, stage, work, now, is_narrow) for stage in Stage]
            if batch.training is not None:
                cells[-1] = verdict(
                    batch.training,
                    is_named=figure is None,
                    is_short=is_narrow and story.has_several,
                )
            elif not has_verdicts and batch.state(Stage.CLEAN) == "done":
                cells[-1] = Text("not known without the catalog", style="yellow")
            released = figures.clock(batch.released_at) if batch.released_at else ""
            number = f"{name}{batch.number}"
            answered = _answered(batch, len(story.pods))
            table.add_row(number, Text(released, style="dim"), *cells, answered)
        if next_row := _next(story.schedules.get(dataset), own, now, name=name):
            table.add_row(*next_row)
    return table


def _columns(figure: str | None, *, is_narrow: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("batch", style="bold", no_wrap=True, min_width=5)
    table.add_column("released", no_wrap=True, min_width=8)
    for stage in (Stage.RAW, Stage.CLEAN):
        table.add_column(stage.value, no_wrap=True, width=9 if is_narrow else 14)
    heading = f"trained: {figures.figure(figure)} on test" if figure else "trained, on test"
    table.add_column(heading, no_wrap=True, ratio=1)
    table.add_column("answered", no_wrap=True, min_width=8)
    return table


def in_sight(
    batches: Sequence[Batch], at_work: Container[str], most: int | None
) -> set[str]:
    """The ids of so many batches: those in work, then each dataset's newest in turn."""
    ages: Counter[str] = Counter()
    ranks = []
    for batch in reversed(batches):
        ranks.append((batch.id not in at_work, ages[batch.dataset], batch.id))
        ages[batch.dataset] += 1
    return {name for *_, name in sorted(ranks)[:most]}


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
    left = figures.age(now, schedule.next_due)
    due = left if left == "now" else f"in {left}"
    return Text(f"{name}{schedule.next_number}", style="dim"), Text(due, style="dim")


def _cell(
    batch: Batch, stage: Stage, work: Work | None, now: datetime, is_narrow: bool
) -> Text:
    """One stage of one batch, but for a verdict."""
    step = dict(batch.steps)[stage]
    text = Text(overflow="ellipsis")
    if stage is Stage.TRAINED and batch.refusal:
        reasons = [step.refused for _, step in batch.steps if step.refused]
        return text.append(f"✘ {reasons[0]}", style="red")
    match batch.state(stage):
        case "refused":
            text.append("✘ refused", style="bold red")
        case "done":
            text = _done(step, is_narrow=is_narrow)
        case "working" if not work:
            text.append("waits for its turn", style="dim")
        case "working" if work:
            turning = SPINNER[int(now.timestamp() * 2) % len(SPINNER)]
            doing = f" · {work.doing}" if work.doing else ""
            passed = figures.seconds(max(1.0, (now - work.since).total_seconds()))
            text.append(f"{turning} {passed}{doing}", style="cyan")
    return text


def _done(step: Step, *, is_narrow: bool) -> Text:
    text = Text.assemble(("✔ ", "green"), f"{figures.rows(step.rows):>6}")
    if step.seconds is not None and not is_narrow:
        text.append(f" {figures.seconds(max(step.seconds, 0.1))}", style="dim")
    return text


def verdict(training: Training, *, is_named: bool = False, is_short: bool = False) -> Text:
    """'★ v2 promoted 0.668 +0.029 z 3.2 5.1 s lightgbm'.

    is_named: with the name of the figure. is_short: without what its sign says already.
    """
    text = Text(overflow="ellipsis")
    if training.verdict is Verdict.PROMOTED:
        version = f"v{training.version}" if training.version else ""
        word = "" if version and is_short else " promoted"
        text.append(f"★ {version}{word}", style="bold green")
    elif training.verdict is Verdict.HELD:
        text.append("‖ held", style="bold yellow")
        return text.append(f" {figures.reason(training.reason or '')}", style="yellow")
    elif training.champion_version:
        text.append(f"= v{training.champion_version}{'' if is_short else ' stays'}")
    else:
        text.append("= no model yet")
    if training.test is not None:
        text.append(f" {figures.metric(training.test)}", style="bold")
        text.append(f" {figures.figure(training.figure)}" if is_named else "")
    text.append("" if training.gain is None else f" {training.gain:+.3f}")
    text.append("" if training.z is None else f" z {training.z:.1f}")
    algorithm = f" {training.algorithm}" if training.algorithm else ""
    return text.append(f" {figures.seconds(training.took_seconds)}{algorithm}", style="dim")


def _answered(batch: Batch, pods: int) -> Text:
    if batch.version is None:
        return Text("")
    answered = batch.answered_after
    count = len(batch.served)
    text = Text(
        f"{count} of {max(pods, count)}", "green" if count >= pods > 0 else "yellow"
    )
    if answered is not None:
        text.append(f" {figures.seconds(answered)}", style="bold")
    return text
