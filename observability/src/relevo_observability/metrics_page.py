"""docs/metrics.md: every metric with its type, its labels and its meaning."""

from relevo_observability.declared import SECTIONS, Declared, declared

PREFACE = """<!-- Made by `make generate` from each metrics.py; do not edit. -->

# Metrics

Every service shows its metrics under `/metrics`. Names are
`relevo_<service>_<thing>_<unit>`; times are seconds, a name with `timestamp` or `since` is
a Unix time. A histogram is stored as `…_bucket`, `…_count` and `…_sum`. Beside these stand
the usual `process_*` and `python_*` of the process itself.
"""
HEAD = "| metric | type | labels | meaning |\n|---|---|---|---|\n"
SHARED = {
    "runtime": "By every service that hears or tells events.",
    "storage": "By every service that keeps or fetches something.",
}


def metrics_page() -> str:
    """The page as text."""
    sections = [
        f"## {name}\n\n{_intro(name)}{HEAD}" + "".join(map(_row, declared(module)))
        for name, module in SECTIONS.items()
    ]
    return "\n".join([PREFACE, *sections])


def _intro(name: str) -> str:
    return f"{SHARED[name]}\n\n" if name in SHARED else ""


def _row(metric: Declared) -> str:
    name = metric.name + ("_total" if metric.type == "counter" else "")
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    meaning = metric.help.rstrip(".").replace("|", "\\|")
    return f"| `{name}` | {metric.type} | {labels} | {meaning} |\n"
