"""Every metric of the console."""

from prometheus_client import Counter, Gauge

BROWSERS = Gauge(
    "relevo_console_browsers", "Pages that are open and hear of changes", ["page"]
)
DROPPED = Counter(
    "relevo_console_dropped_total",
    "Changes that were not shown because a browser did not read fast enough",
    ["page"],
)
FACTS = Counter("relevo_console_facts_total", "Facts that the story was told")
