"""Facts in words: what a person would say had happened."""

from collections.abc import Sequence
from datetime import datetime

from relevo_contracts import ModelPromoted, ModelServed, SourceSeen
from relevo_contracts.results import Verdict
from relevo_story.telling import figures
from relevo_story.telling.facts import Buried
from relevo_story.telling.training import Training


def stored(
    rows: int | None, *, released_at: datetime | None, at: datetime, attempt: int = 1
) -> str:
    """A batch was taken; attempt: more than 1 where it was refused before."""
    again = f" at try {attempt}, as its source has mended it" if attempt > 1 else ""
    text = f"{figures.rows(rows)} rows stored{again}"
    if released_at is None:
        return text
    return (
        f"{text}, {figures.seconds((at - released_at).total_seconds())} after its release"
    )


def cleaned(
    rows_out: int | None,
    rows_in: int | None,
    *,
    quarantined: int | None = None,
    seconds: float | None = None,
) -> str:
    """A batch was cleaned."""
    text = f"cleaned {figures.rows(rows_out)} of {figures.rows(rows_in)} rows"
    if seconds is not None:
        text += f" in {figures.seconds(seconds)}"
    return f"{text}; {figures.rows(quarantined)} put aside" if quarantined else text


def trained(training: Training) -> str:
    """A verdict in the trainer's own words, and what follows from it."""
    if training.verdict is Verdict.HELD:
        return held(training.reason)
    winner = training.algorithm
    if winner and training.validation is not None:
        winner += f" ({figures.named(training.figure, training.validation)} on validation)"
    told = " ".join(filter(None, (winner, training.reason)))
    return f"{told or _took(training)}; {_outcome(training)}"


def held(reason: str | None) -> str:
    """Nothing is learned from a batch before a person has looked."""
    return (
        f"held, nothing is learned from it: {figures.reason(reason or 'no reason given')}"
    )


def live(training: Training) -> str | None:
    """What the champion of then was worth on the batch, if there was one."""
    if training.live is None or training.champion is None:
        return None
    told = (
        f"version {training.champion_version} had"
        f" {figures.named(training.figure, training.live)} on it,"
        f" {figures.metric(training.champion)} on the test rows"
    )
    if training.live_came is not None and training.live_said is not None:
        told += f"; of a class {training.live_came:.1%} came, {training.live_said:.1%} said"
    return told


def _took(training: Training) -> str:
    return f"trained in {figures.seconds(training.took_seconds)}"


def _outcome(training: Training) -> str:
    if training.verdict is Verdict.PROMOTED:
        name = f" as version {training.version}" if training.version else ""
        return f"promoted{name}"
    if training.champion_version is not None:
        return f"version {training.champion_version} stays"
    return "no model is promoted"


def version(number: str, *, of: str | None = None) -> str:
    """'version 2', or 'pima version 2' where there are several models."""
    return f"{of} version {number}" if of else f"version {number}"


def promoted(event: ModelPromoted, *, called: str, is_return: bool) -> str:
    """The champion alias moved to the version that is called so."""
    again = " again" if is_return else ""
    before = event.previous_version
    relieved = f" (before: version {before})" if before else ""
    learned = f"learned from {figures.batches(len(event.batches))}"
    return f"{called}{again}, {learned}{relieved}{by_hand(event)}"


def by_hand(event: ModelPromoted) -> str:
    """', a rollback by ana: too many false alarms'; of the trainer's moves nothing."""
    if event.moved_by in (None, "trainer"):
        return ""
    what = "a rollback" if event.moved_by == "rollback" else "moved"
    who = f"by {event.who}" if event.who else "by hand in MLflow"
    return f", {what} {who}" + (f": {figures.reason(event.why)}" if event.why else "")


def served(called: str, pods: Sequence[str], *, after: float | None) -> str:
    """Pods answer by the version that is called so."""
    verb = "serves" if len(pods) == 1 else "serve"
    text = f"{figures.listed(sorted(pods))} {verb} {called}"
    if after is None:
        return text
    return f"{text}, {figures.seconds(after)} after the batch was released"


def swapped(event: ModelServed, *, called: str) -> str:
    """One pod's swap by itself."""
    return f"serves {called}, swapped in {figures.seconds(event.swap_seconds)}"


def served_again(event: ModelServed, *, called: str) -> str:
    """A pod came back and answers by the version that it should serve."""
    took = figures.seconds(event.swap_seconds)
    return f"{event.pod} serves {called} again, loaded in {took}"


def not_served(event: ModelServed, *, called: str) -> str:
    """A pod refused a promoted version."""
    stays = (
        f"goes on with version {event.serving_version}"
        if event.serving_version
        else "serves no model yet"
    )
    reason = figures.reason(event.reason or "no reason given")
    return f"{event.pod} refused {called} and {stays}: {reason}"


def source(seen: SourceSeen) -> str:
    """How the data source was seen."""
    if seen.status == "available":
        return "is available"
    if seen.asleep_until is not None:
        return f"sleeps by plan until {figures.clock(seen.asleep_until)}"
    reason = seen.reason or "nobody knows why"
    if seen.is_strange:
        return f"answers in another form than it should: {reason}"
    return f"is away: {reason}"


def buried(fact: Buried) -> str:
    """A message went to the dead letters."""
    letter, reason = fact.letter, figures.reason(fact.letter.reason)
    kept = f"kept as dead letter {fact.place}"
    if letter.stage == "fetch":
        return f"{letter.service} refused what the source sent: {reason}; {kept}"
    verb = "could not read" if letter.stage == "parse" else "gave up"
    origin = f"{letter.topic} {letter.partition} {letter.offset}"
    cause = "three attempts failed: " if letter.kind == "bug" else ""
    return f"{letter.service} {verb} message {origin}: {cause}{reason}; {kept}"
