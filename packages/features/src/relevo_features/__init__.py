"""What one value means, kind by kind: only here kinds are known; no pandas, no I/O."""

from relevo_features.drift import counted, stability_index
from relevo_features.kinds import KINDS, KindMeaning, Widget, kind_of, limits
from relevo_features.population import Population
from relevo_features.reading import NO_VALUE, REQUIRED, UNKNOWN_WORD, Reader
from relevo_features.texts import EXACT, MAX_TEXT, Unfit, shown, text_of

__all__ = [
    "EXACT",
    "KINDS",
    "MAX_TEXT",
    "NO_VALUE",
    "REQUIRED",
    "UNKNOWN_WORD",
    "KindMeaning",
    "Population",
    "Reader",
    "Unfit",
    "Widget",
    "counted",
    "kind_of",
    "limits",
    "shown",
    "stability_index",
    "text_of",
]
