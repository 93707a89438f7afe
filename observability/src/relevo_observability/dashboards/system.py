"""System resources: processes, stores, machine, database."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from relevo_observability.dashboards.building import Row, board
from relevo_observability.dashboards.panels import CORES, SHARE, Query, graph, number
from relevo_observability.dashboards.promql import within

DISKS = '{fstype!~"tmpfs|squashfs"}'


def system() -> Dashboard:
    """What our processes use, and how much there is."""
    return board(
        "system",
        "System resources",
        "What our processes use and how much there is. Machine, database and containers "
        "need the exporters of the profile `observability`.",
        Row("Processes", PROCESSES),
        Row("Stores, as our services see them", STORES),
        Row("Machine", MACHINE),
        Row("Database and containers", DATABASE),
    )


PROCESSES = [
    graph(
        "Processor time",
        CORES,
        "Of one core, by process; a training is a process of its own and not shown. Bad: "
        "near 1: requests or events wait.",
        Query(
            "sum by (job, instance) (rate(process_cpu_seconds_total[1m]))", "{{instance}}"
        ),
        width=8,
    ),
    graph(
        "Memory",
        "bytes",
        "Resident, by process. Bad: a line that only climbs; a pod above 120 MB.",
        Query("max by (job, instance) (process_resident_memory_bytes)", "{{instance}}"),
        width=8,
    ),
    graph(
        "A training's peak of memory",
        "bytes",
        "The most that a training took; it is given back. Bad: near the trainer's limit.",
        Query("max by (model) (relevo_trainer_job_peak_bytes)", "{{model}}"),
        width=8,
    ),
    graph(
        "Open files and sockets",
        "none",
        "By process. Bad: a line that only climbs: something is not closed.",
        Query("max by (job, instance) (process_open_fds)", "{{instance}}"),
        counts="files",
    ),
    graph(
        "Garbage collections",
        "cpm",
        "Full ones, by process. Bad: many in a pod: each stops its answers.",
        Query(
            "sum by (job, instance)"
            ' (rate(python_gc_collections_total{generation="2"}[5m])) * 60',
            "{{instance}}",
        ),
    ),
]
STORES = [
    graph(
        "Calls",
        "cpm",
        "By store and outcome. Bad: away.",
        Query(
            "sum by (store, outcome) (rate(relevo_storage_call_seconds_count[5m])) * 60",
            "{{store}} {{outcome}}",
        ),
    ),
    graph(
        "Time of a call",
        "s",
        "95th percentile over 15 minutes. Bad: seconds: the store is overloaded or away.",
        Query(
            within(
                0.95,
                "sum by (store, call, le) (rate(relevo_storage_call_seconds_bucket[15m]))",
            ),
            "{{store}} {{call}}",
        ),
        legend_right=True,
    ),
]
MACHINE = [
    graph(
        "Processors",
        SHARE,
        "Share that is busy. Bad: 1 for long: everything is slower than it needs to be.",
        Query(
            '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[1m]))',
            "{{instance}}",
        ),
        width=8,
    ),
    graph(
        "Memory that is left",
        SHARE,
        "Bad: below a tenth: the kernel will kill the largest process.",
        Query(
            "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{instance}}"
        ),
        width=8,
    ),
    graph(
        "Disk that is left",
        SHARE,
        "Bad: below a tenth: Kafka and the stores stop when it is full.",
        Query(
            f"node_filesystem_avail_bytes{DISKS} / node_filesystem_size_bytes{DISKS}",
            "{{instance}} {{mountpoint}}",
        ),
        width=8,
    ),
]
DATABASE = [
    number(
        "PostgreSQL answers",
        "bool_yes_no",
        "Bad: no: batches wait, predictions go on.",
        Query("max(pg_up)", instant=True),
        width=6,
        height=8,
        nothing="no exporter",
    ),
    graph(
        "Connections to PostgreSQL",
        "none",
        "By database. Bad: near 100, its limit.",
        Query("sum by (datname) (pg_stat_database_numbackends > 0)", "{{datname}}"),
        width=6,
        counts="connections",
    ),
    graph(
        "Size of the databases",
        "bytes",
        "Bad: growth of more than a few megabytes per batch: rows of data live elsewhere.",
        Query(
            "max by (datname) (pg_database_size_bytes{datname!~'postgres|template.'})",
            "{{datname}}",
        ),
        width=6,
    ),
    graph(
        "Memory of containers",
        SHARE,
        "Of each container's limit. Bad: near 1: it will be killed.",
        Query(
            'max by (name) (container_memory_working_set_bytes{name!=""}'
            ' / (container_spec_memory_limit_bytes{name!=""} > 0))',
            "{{name}}",
        ),
        width=6,
        nothing="no cAdvisor",
    ),
]
