"""Facts in words: what a person would say had happened."""

from collections.abc import Sequence
from datetime import datetime

from relevo.story import figures
from relevo.story.facts import Buried
from relevo.story.training import Training
from relevo_contracts import ModelPromoted, ModelServed
from relevo_storage.catalog import Verdict

BEYOND_NOISE = 1.645
"""Standard errors: the one-sided 95 % of the trainer's test."""


def stored(rows: int | None, *, released_at: datetime | None, at: datetime) -> str:
    """A batch was taken."""
    text = f"{figures.rows(rows)} rows stored"
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
    """A verdict, and the figures behind it."""
    return f"{_winner(training)}{_comparison(training)}: {_outcome(training)}"


def _winner(training: Training) -> str:
    if training.algorithm is None:
        return f"trained in {figures.seconds(training.seconds)}"
    if training.validation_auc is None:
        return f"{training.algorithm} won validation"
    return f"{training.algorithm} won validation {figures.metric(training.validation_auc)}"


def _comparison(training: Training) -> str:
    z = "" if training.z is None else f" (z {training.z:.1f})"
    promoted = training.verdict is Verdict.PROMOTED
    if training.is_first:
        better = "better than chance" if promoted else "not better than chance"
        return f"; the first model, {better}{z}" if training.algorithm or z else ""
    champion = f"champion v{training.champion_version}"
    if training.difference is None:
        return f"; {'beats' if promoted else 'does not beat'} {champion}{z}"
    size = figures.metric(abs(training.difference))
    if promoted and training.difference >= 0:
        return f"; beats {champion} by {size}{z}"
    side = "above" if training.difference >= 0 else "below"
    if promoted or training.difference < 0:
        return f"; {size} {side} {champion}{z}"
    if training.z is not None and training.z > BEYOND_NOISE:
        return f"; {size} {side} {champion}{z}, but {training.reason or 'it is kept'}"
    return f"; {size} {side} {champion}, within noise{z}"


def _outcome(training: Training) -> str:
    if training.verdict is Verdict.PROMOTED:
        name = f" as version {training.version}" if training.version else ""
        return f"promoted{name}"
    if training.champion_version is not None:
        return f"version {training.champion_version} stays"
    return "no model is promoted"


def promoted(event: ModelPromoted, *, is_return: bool) -> str:
    """The champion alias moved."""
    again = " again" if is_return else ""
    before = event.previous_version
    relieved = f" (before: version {before})" if before else ""
    learned = f"learned from {figures.batches(len(event.batches))}"
    return f"version {event.model_version}{again}, {learned}{relieved}"


def served(version: str, pods: Sequence[str], *, after: float | None) -> str:
    """Pods answer by a version."""
    verb = "serves" if len(pods) == 1 else "serve"
    text = f"{figures.listed(sorted(pods))} {verb} version {version}"
    if after is None:
        return text
    return f"{text}, {figures.seconds(after)} after the batch was released"


def swapped(event: ModelServed) -> str:
    """One pod's swap by itself."""
    took = figures.seconds(event.swap_seconds)
    return f"serves version {event.serving_version}, swapped in {took}"


def served_again(event: ModelServed) -> str:
    """A pod came back and answers by the version that it should serve."""
    took = figures.seconds(event.swap_seconds)
    return f"{event.pod} serves version {event.serving_version} again, loaded in {took}"


def not_served(event: ModelServed) -> str:
    """A pod refused a promoted version."""
    stays = (
        f"goes on with version {event.serving_version}"
        if event.serving_version
        else "serves no model yet"
    )
    reason = figures.reason(event.reason or "no reason given")
    return f"{event.pod} refused version {event.model_version} and {stays}: {reason}"


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
