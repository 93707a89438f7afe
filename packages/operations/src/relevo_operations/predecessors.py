"""Whom a rollback puts back on duty: the version that the champion relieved."""

from collections.abc import Sequence

from relevo_contracts.results import Promotion


def predecessor(promotions: Sequence[Promotion], champion: str | None) -> str | None:
    """The version before the champion, by a model's promotions from the oldest on.

    Who came back did not relieve those who served in between: after 1, 2, 3 and back to
    2 the one before is 1. A champion that was never promoted stands before the last one.
    """
    served: list[str] = []
    for promotion in promotions:
        if not served and promotion.previous_version:
            served.append(promotion.previous_version)
        if promotion.model_version in served:
            del served[served.index(promotion.model_version) + 1 :]
        else:
            served.append(promotion.model_version)
    if champion in served:
        del served[served.index(champion) :]
    return served[-1] if served else None
