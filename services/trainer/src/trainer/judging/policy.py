"""When a challenger may relieve the champion, as a person sets it."""

from typing import Literal

Policy = Literal["better", "not_worse"]
"""better: the challenger must be better beyond noise · not_worse: it must not be worse
beyond noise."""
