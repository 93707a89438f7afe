"""From what was seen to the figures that are claimed."""

import bisect
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.swap.promoting import Promoted

Answers = NDArray[np.void]
TOLERANCE = 1e-9
TAIL_SECONDS = 0.05
"""A swap's window ends so long after the last pod serves: what is let go is let go then."""
MEGABYTE = 2**20


@dataclass(frozen=True)
class Seen:
    """One run: answers, promotions in their order, quiet phases, memory in bytes."""

    pods: int
    rate: float
    answers: Answers
    expected: Sequence[Sequence[float]]  # model, row -> probability
    promoted: Sequence[Promoted]
    quiet: Sequence[tuple[float, float]]
    memory: Sequence[tuple[float, float]]  # time, bytes of the largest pod
    largest_model: int


def figures(seen: Seen) -> dict[str, float]:
    """All figures by their names; latencies in milliseconds."""
    answers = seen.answers
    window, rest = in_windows(seen), in_quiet(seen)
    latency = answers["latency"] * 1000
    swaps = sorted(each.seconds * 1000 for each in seen.promoted)
    second_half = seen.memory[len(seen.memory) // 2 :]
    at_rest, at_swaps = percentile(latency[rest], 99), percentile(latency[window], 99)
    return {
        "pods": seen.pods,
        "requests a second and pod": seen.rate,
        "promotions": len(seen.promoted),
        "requests": len(answers),
        "failed": int((answers["status"] != 200).sum()),
        "wrong answers": wrong_answers(seen),
        "p50 at rest, ms": percentile(latency[rest], 50),
        "p50 in swaps, ms": percentile(latency[window], 50),
        "p99 at rest, ms": at_rest,
        "p99 in swaps, ms": at_swaps,
        "p99 in swaps / at rest": at_swaps / at_rest,
        "the same, median of the rounds": ratio_of_rounds(seen, window),
        "p99 of how late requests were sent, ms": percentile(answers["late"], 99) * 1000,
        "published -> last pod serves p50, ms": percentile(np.array(swaps), 50),
        "published -> last pod serves p99, ms": percentile(np.array(swaps), 99),
        "memory of a pod, MB": statistics.median(b for _, b in seen.memory) / MEGABYTE,
        "growth of a pod over the run, MB": growth(seen.memory) / MEGABYTE,
        "growth over its second half, MB": growth(second_half) / MEGABYTE,
        "the largest model's files, MB": seen.largest_model / MEGABYTE,
    }


def percentile(values: NDArray[np.float64], share: float) -> float:
    return float(np.percentile(values, share)) if len(values) else float("nan")


def in_windows(seen: Seen) -> NDArray[np.bool_]:
    """Which requests were on their way while a promotion was."""
    ends = [each.published + each.seconds + TAIL_SECONDS for each in seen.promoted]
    starts = [each.published for each in seen.promoted]
    planned = seen.answers["planned"]
    answered = planned + seen.answers["latency"]
    # the last window that began before the answer: has it ended before the request?
    place = np.searchsorted(starts, answered, side="right") - 1
    ended = np.maximum.accumulate(np.array(ends))
    return np.asarray((place >= 0) & (ended[np.maximum(place, 0)] >= planned))


def ratio_of_rounds(seen: Seen, window: NDArray[np.bool_]) -> float:
    """The median over the rounds, each beside its own quiet phase.

    So a minute in which the machine was busy with something else is one round of many.
    """
    planned, latency = seen.answers["planned"], seen.answers["latency"]
    ends = [start for start, _ in seen.quiet[1:]] + [float("inf")]
    ratios = []
    for (start, end), last in zip(seen.quiet, ends, strict=True):
        rest = (planned >= start) & (planned <= end)
        swaps = window & (planned > end) & (planned < last)
        ratios.append(percentile(latency[swaps], 99) / percentile(latency[rest], 99))
    return statistics.median(ratios)


def in_quiet(seen: Seen) -> NDArray[np.bool_]:
    """Which requests fell into a phase without promotions."""
    planned = seen.answers["planned"]
    found = np.zeros(len(planned), dtype=bool)
    for start, end in seen.quiet:
        found |= (planned >= start) & (planned <= end)
    return found


def wrong_answers(seen: Seen) -> int:
    """Answers by a version that was not promoted yet, that every pod had left before the
    request was planned, or that is older than the last one on the same connection; and
    answers with another probability than that version's model gives."""
    times: dict[int, list[int]] = defaultdict(list)  # version -> its places in the order
    for place, each in enumerate(seen.promoted):
        times[each.version].append(place)
    now: dict[tuple[int, int], int] = defaultdict(int)
    wrong = 0
    for answer in np.sort(seen.answers[seen.answers["status"] == 200], order="planned"):
        connection = (int(answer["pod"]), int(answer["connection"]))
        places = times[int(answer["version"])]
        at = bisect.bisect_left(places, now[connection])
        if at == len(places):
            wrong += 1
            continue
        place = now[connection] = places[at]
        promoted = seen.promoted[place]
        expected = seen.expected[promoted.model][int(answer["row"])]
        left = [max(each.served.values()) for each in seen.promoted[place + 1 : place + 2]]
        in_time = promoted.published <= answer["planned"] + answer["latency"] and all(
            answer["planned"] <= end for end in left
        )
        wrong += not (in_time and abs(answer["probability"] - expected) <= TOLERANCE)
    return wrong


def growth(memory: Sequence[tuple[float, float]]) -> float:
    """Bytes that the line through the samples rises from the first to the last."""
    times, sizes = np.array(memory).T
    slope, _ = np.polyfit(times - times[0], sizes, 1)
    return float(slope * (times[-1] - times[0]))
