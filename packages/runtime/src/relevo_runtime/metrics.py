"""Every metric that the runtime measures for the service it runs in."""

from prometheus_client import Counter, Gauge, Histogram

HANDLED = Counter(
    "relevo_runtime_events_handled",
    "Attempts at an event by how they ended: handled, poison, bug, outage",
    ["topic", "outcome"],
)
HANDLING = Histogram(
    "relevo_runtime_handling_seconds",
    "How long an attempt at an event took",
    ["topic"],
    buckets=(0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300),
)
EVENT_AGE = Histogram(
    "relevo_runtime_event_age_seconds",
    "How old an event was when its handling began",
    ["topic"],
    buckets=(0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200),
)
DEAD_LETTERS = Counter(
    "relevo_runtime_dead_letters",
    "Messages that were put into the dead letters",
    ["topic", "kind"],
)
OUTAGE_SINCE = Gauge(
    "relevo_runtime_outage_since_seconds",
    "Unix time since when a partition waits for something that is away; absent when "
    "it does not wait",
    ["group", "topic", "partition"],
)
PAUSED = Counter(
    "relevo_runtime_paused_seconds",
    "How long partitions were paused before a message was read again",
    ["topic"],
)
WAITING = Gauge(
    "relevo_runtime_waiting_since_seconds",
    "Unix time since when the service waits for something that is away; absent when it "
    "does not wait",
    ["what"],
)
RECONCILED = Counter(
    "relevo_reconciled",
    "Things that did not hold and were mended, by what they are",
    ["what"],
)
KEYED = Counter(
    "relevo_runtime_keyed_requests",
    "Requests by whose key they gave, where keys are on: admitted, forbidden (it may do "
    "something else), limited (too many of it), unknown (nobody's, under no name)",
    ["key", "outcome"],
)
