"""Which rows are part of the task: the others are refused in words, wherever they enter."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from relevo_contracts.manifest import Outside
from relevo_features.texts import text_of


class Population:
    """The rules by which a clean row is outside of the task.

    words: per feature with a rule, its words as text and the reason of each.
    """

    def __init__(self, rules: Iterable[Outside]) -> None:
        self.words: dict[str, dict[str, str]] = {}
        for rule in rules:
            words = self.words.setdefault(rule.feature, {})
            words.update(dict.fromkeys(rule.words, rule.reason))

    def objection(self, row: Mapping[str, JsonValue]) -> tuple[str, str] | None:
        """The feature and the reason why a clean row is outside; None: it is not."""
        for feature in self.words:
            if (reason := self.reason(feature, row.get(feature))) is not None:
                return feature, reason
        return None

    def reason(self, feature: str, clean: JsonValue) -> str | None:
        """Why rows with this value are outside; None: they are not."""
        if clean is None:
            return None
        return self.words.get(feature, {}).get(text_of(clean))
