"""A bundle is proven: its golden rows pass its own door and get the trainer's answers."""

from relevo_bundles.bundle import Bundle
from relevo_bundles.requests import CleanRow, RequestSchema
from relevo_contracts import PoisonError

TOLERANCE = 1e-6


def prove(bundle: Bundle, *, tolerance: float = TOLERANCE) -> float:
    """The largest difference between our answers to the golden rows and the trainer's.

    Raises PoisonError when it is above the tolerance, or when a golden row is no request
    that the manifest's own features allow.
    """
    schema = RequestSchema(bundle.manifest)
    for number, golden in enumerate(bundle.manifest.golden):
        checked = schema.check(golden.row)
        if not isinstance(checked, CleanRow):
            wrong = checked[0]
            raise PoisonError(
                f"golden row {number} is no valid request:"
                f" {wrong.field} {wrong.message} ({wrong.value})"
            )
    worst = bundle.worst_golden_difference()
    if not worst <= tolerance:
        raise PoisonError(
            f"the answers to the golden rows differ by {worst:.2g} from the trainer's,"
            f" not by {tolerance:g} at most"
        )
    return worst
