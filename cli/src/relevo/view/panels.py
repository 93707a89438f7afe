"""The parts of the picture beside the batches: champion, pods, lag, processes, lines."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from relevo.story import figures
from relevo.story.facts import Lag
from relevo.story.story import Champion
from relevo.view.scene import Scene
from relevo_contracts import ModelServed
from relevo_local.supervising.processes import ProcessStatus

STATE_STYLES = {
    "ready": "green",
    "starting": "yellow",
    "restarting": "bold red",
    "stopped": "dim",
}
NOTHING = Text("–", style="dim")


def rows_of_state(scene: Scene, *, with_processes: bool) -> Table:
    """Champion, who serves, lag and processes: one row each, a title before it."""
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(ratio=1)
    table.add_row("Champion", champions(scene.story.champions, scene.now))
    table.add_row("Serving", serving(scene))
    table.add_row("Lag", lags(scene.story.lags))
    if scene.processes and with_processes:
        table.add_row("Processes", processes(scene.processes))
    for what, why in scene.unknown.items():
        table.add_row(
            Text("Unknown", style="yellow"), Text(f"{what}: {why}", style="yellow")
        )
    return table


def champions(found: Sequence[Champion], now: datetime) -> Text:
    """'version 2 · lightgbm · ROC-AUC 0.668 · since 14:03:09 (2 min) · 2 batches'."""
    if not found:
        return Text("none yet: the first model that beats chance becomes it", style="dim")
    return Text("\n").join(_champion(champion, now, len(found) > 1) for champion in found)


def _champion(champion: Champion, now: datetime, is_named: bool) -> Text:
    text = Text(f"{champion.model} " if is_named else "")
    text.append(f"version {champion.version}", style="bold green")
    training = champion.training
    if training and training.algorithm:
        text.append(f"  {training.algorithm}")
    if training and training.auc is not None:
        text.append(f"  ROC-AUC {figures.metric(training.auc)}", style="bold")
    since, age = figures.clock(champion.since), figures.age(champion.since, now)
    batches = figures.batches(len(champion.batches))
    text.append(f"  since {since} ({age}), learned from {batches}", style="dim")
    return text


def serving(scene: Scene) -> Text:
    """'pod-1 version 2, pid 4711 · pod-2 version 1, pid 4712'; a refusal in red."""
    pods = scene.story.pods
    names = sorted(pods)
    if not names:
        return Text("no pod answers yet", style="dim")
    newest = {champion.model: champion.version for champion in scene.story.champions}
    told = [
        _pod(pods[name], newest.get(pods[name].model), scene.processes) for name in names
    ]
    return Text("   ").join(told)


def _pod(
    event: ModelServed, should: str | None, processes: Sequence[ProcessStatus]
) -> Text:
    serves = event.serving_version
    process = process_of(event.pod, processes)
    if process is not None and process.state != "ready":
        return Text(f"{event.pod} is {process.state}", style=STATE_STYLES[process.state])
    style = "green" if serves == should else "yellow"
    text = Text.assemble((f"{event.pod} ", "bold"), (f"version {serves or 'none'}", style))
    if process is not None and process.pid:
        text.append(f" pid {process.pid}", style="dim")
    if event.outcome == "refused":
        text.append(f" refused {event.model_version}", style="bold red")
    return text


def process_of(pod: str, processes: Sequence[ProcessStatus]) -> ProcessStatus | None:
    """The process that is a pod: the same name, or inference-2 for pod-2."""
    names = {pod, f"inference-{pod.rpartition('-')[2]}"}
    return next((process for process in processes if process.name in names), None)


def lags(found: Sequence[Lag]) -> Text:
    """'cleaner 0 · trainer 1 message, 3 s'."""
    if not found:
        return Text("not measured yet", style="dim")
    text = Text()
    for lag in found:
        text.append("   " if text else "")
        text.append(f"{lag.group} ", style="bold")
        text.append(f"{lag.records}", style="yellow" if lag.records else "green")
        if lag.records and lag.seconds is not None:
            text.append(f", {figures.seconds(lag.seconds)}", style="yellow")
    text.append("   messages waiting", style="dim")
    return text


def processes(found: Sequence[ProcessStatus]) -> Text:
    """'11 of 12 ready   restarting: cleaner   restarted: cleaner once'."""
    well = sum(process.state == "ready" for process in found)
    text = Text(
        f"{well} of {len(found)} ready", "green" if well == len(found) else "yellow"
    )
    for state in ("restarting", "starting", "stopped"):
        names = [process.name for process in found if process.state == state]
        if names:
            word = "not started" if state == "stopped" else state
            text.append(f"   {word}: {', '.join(names)}", style=STATE_STYLES[state])
    again = [
        f"{process.name} {times(process.restarts)}" for process in found if process.restarts
    ]
    if again:
        text.append(f"   died: {', '.join(again)}", style="yellow")
    return text


def times(count: int) -> str:
    """'once', 'twice', '3 times'."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


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
            Text(f"● {process.state}", style=STATE_STYLES[process.state]),
            Text(figures.age(process.since, now), style="dim"),
            str(process.pid or ""),
            Text(str(process.restarts or ""), style="yellow"),
            *([process.url or ""] if with_addresses else []),
        )
    return table
