"""The parts of the picture beside the batches: models, lag, sources, processes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from relevo.view.consoles import STATES, WORDS
from relevo.view.models import champions, serving
from relevo.view.scene import Scene
from relevo_local.supervising.processes import ProcessStatus
from relevo_story.telling import figures, sentences
from relevo_story.telling.facts import Lag
from relevo_story.telling.story import Story

TIMES = {1: "once", 2: "twice"}


def rows_of_state(scene: Scene, *, with_processes: bool) -> Table:
    """Champion, who serves, lag and processes: one row each, a title before it."""
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(ratio=1)
    if "events" not in scene.unknown:  # else nothing is told that may be untrue
        table.add_row("Champion", champions(scene.story, scene.now))
    if scene.story.pods or not {"events", "pods"} & {*scene.unknown}:
        table.add_row("Serving", serving(scene))
    if "lag" not in scene.unknown:
        table.add_row("Lag", lags(scene.story.lags))
    if trouble := troubles_of_sources(scene.story, scene.now):
        table.add_row("Source", trouble)
    if scene.processes and with_processes:
        table.add_row("Processes", processes(scene.processes, scene.now))
    for what, why in scene.unknown.items():
        table.add_row(
            Text("Unknown", style="yellow"), Text(f"{what}: {why}", style="yellow")
        )
    return table


def troubles_of_sources(story: Story, now: datetime) -> Text | None:
    """'sleeps by plan until 06:00:00'; None while all are available, or nobody knows."""
    told = [
        f"{name} " * story.has_several + sentences.source(seen)
        for name, seen in sorted(story.sources.items())
        if seen.status == "unavailable" and seen.valid_until >= now
    ]
    return Text("\n".join(told), style="yellow") if told else None


def lags(found: Sequence[Lag]) -> Text:
    """'cleaner 0   trainer 1, 3 s'; of several datasets' groups, which ones wait."""
    if not found:
        return Text("not measured yet", style="dim")
    text = Text()
    groups: dict[tuple[str, str], list[Lag]] = defaultdict(list)
    for lag in found:
        groups[lag.service, lag.topic].append(lag)
    for (service, _), each in groups.items():
        waiting = [lag for lag in each if lag.records]
        told = f"{sum(lag.records for lag in each)}"
        if ages := [lag.seconds for lag in waiting if lag.seconds is not None]:
            told += f", {figures.seconds(max(ages))}"
        if waiting and len(each) > 1:
            told += f" ({', '.join(str(lag.dataset) for lag in waiting)})"
        text.append(f"{service} ", style="bold")
        text.append(f"{told}   ", style="yellow" if waiting else "green")
    return text.append("messages waiting", style="dim")


def processes(found: Sequence[ProcessStatus], now: datetime) -> Text:
    """'10 of 12 ready   not answering: kafka since 12 s   restarting: cleaner'."""
    well = sum(process.state == "ready" for process in found)
    text = Text(
        f"{well} of {len(found)} ready", "green" if well == len(found) else "yellow"
    )
    silent = [
        f"{process.name} since {figures.age(process.since, now)}"
        for process in found
        if process.state == "silent"
    ]
    if silent:
        text.append(f"   not answering: {', '.join(silent)}", style=STATES["silent"])
    for state in ("restarting", "starting", "stopped"):
        if names := [process.name for process in found if process.state == state]:
            word = "not started" if state == "stopped" else state
            text.append(f"   {word}: {', '.join(names)}", style=STATES[state])
    again = [
        f"{process.name} {TIMES.get(process.restarts, f'{process.restarts} times')}"
        for process in found
        if process.restarts
    ]
    return text.append(f"   died: {', '.join(again)}" if again else "", style="yellow")


def process_table(
    found: Sequence[ProcessStatus], now: datetime, *, with_addresses: bool
) -> Table:
    """One row per process, for where there is room."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    titles = ["process", "state", "for", "pid", "restarts"]
    for title in titles + ["address"] * with_addresses:
        table.add_column(title, no_wrap=True, header_style="dim")
    for process in found:
        table.add_row(
            process.name,
            Text(f"● {WORDS.get(process.state, process.state)}", STATES[process.state]),
            Text(figures.age(process.since, now), style="dim"),
            str(process.pid or ""),
            Text(str(process.restarts or ""), style="yellow"),
            *([process.url or ""] if with_addresses else []),
        )
    return table
