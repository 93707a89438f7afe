"""A bundle is proven: its golden rows pass its own doors and get the trainer's answers."""

import json
from collections.abc import Sequence

from relevo_bundles.bundle import Bundle
from relevo_bundles.plain_rows import PlainRows
from relevo_bundles.requests import CleanRow, RequestSchema
from relevo_contracts import PoisonError

TOLERANCE = 1e-6


def prove(bundle: Bundle, *, tolerance: float = TOLERANCE) -> float:
    """The largest difference between our answers to the golden rows and the trainer's.

    Raises PoisonError when it is above the tolerance, when a golden row is no request
    that the manifest's own features allow, and when the fast path reads one otherwise.
    """
    schema = RequestSchema(bundle.manifest)
    plain = PlainRows(schema, bundle.encoder)
    worst = bundle.worst_golden_difference()
    for number, golden in enumerate(bundle.manifest.golden):
        checked = schema.check(golden.row)
        if not isinstance(checked, CleanRow):
            wrong = checked[0]
            raise PoisonError(
                f"golden row {number} is no valid request:"
                f" {wrong.field} {wrong.message} ({wrong.value})"
            )
        rows = [bundle.encoder.encode_row(checked.values)]
        if (read := plain.read(json.dumps(golden.row).encode())) is not None:
            rows.append(read[0])
        worst = max(worst, *(_worst(bundle.numbers(row), golden.answer) for row in rows))
    if not worst <= tolerance:
        raise PoisonError(
            f"the answers to the golden rows differ by {worst:.2g} from the trainer's,"
            f" not by {tolerance:g} at most"
        )
    return worst


def _worst(ours: Sequence[float], theirs: Sequence[float]) -> float:
    differences = [abs(a - b) / max(abs(b), 1) for a, b in zip(ours, theirs, strict=True)]
    # not-a-number is larger than nothing, but it is no answer
    return max(d if d == d else float("inf") for d in differences)
