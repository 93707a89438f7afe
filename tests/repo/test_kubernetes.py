"""kubernetes/: valid, hardened, and the same words as compose.yaml."""

import importlib
from typing import Any

import kubernetes_validate
import pytest
import yaml
from pydantic_settings import BaseSettings

from relevo_contracts import Topic
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_storage import CatalogSettings, ObjectStoreSettings
from tests.repo.files import ROOT
from tests.repo.kubernetes import (
    OPTIONAL,
    OVERLAYS,
    Manifest,
    built,
    container,
    labels,
    of_kind,
    open_ways,
    pod,
    secret_keys,
    size,
    variables,
    workloads,
)
from tests.repo.test_compose import CONTAINERS, SERVICES, VARIABLE, variable

VERSION = "1.37"
OTHERS = {"HTTPRoute", "ScaledObject", "PodMonitor"}
"""Of no Kubernetes itself; make test-kubernetes asks their own definitions."""
EVERYWHERE = [(o, n) for o in OVERLAYS for n in workloads(o)]
LOCAL = workloads("local")
ONLY_IN_COMPOSE = {
    "KEY",
    "SECRET",
    "LOGNAME",
    "CONSOLE_MLFLOW_LINK",
    "CONSOLE_GRAFANA_LINK",
}
ENTRY_POINTS = {"buckets", "prometheus", "cli"}
"""Compose says nothing, or says it as the entry point."""
ONLY_HERE = {"PGDATA", "HOME", "STOP_DELAY_SECONDS"}
SAID_OTHERWISE = {
    *("KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS", "RELEVO_ENVIRONMENT"),
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
    *("CONSOLE_INFERENCE_URLS", "RELEVO_INFERENCE", "API_KEYS_FILE"),
}
"""Compose's Kafka has a second listener for the machine around it, its pods a proxy;
without `make cluster-env` it is not in production, and asks for no key."""


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_is_what_kubernetes_takes(overlay: str) -> None:
    for manifest in built(overlay):
        if manifest["kind"] not in OTHERS:
            kubernetes_validate.validate(manifest, VERSION, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_example_of_keys_names_each_that_is_asked_for_and_no_other(
    overlay: str,
) -> None:
    example = ROOT / "kubernetes/overlays" / overlay / "platform.env.example"
    lines = [line for line in example.read_text().splitlines() if line[0] != "#"]

    assert {line.split("=")[0] for line in lines} == secret_keys(overlay)


def test_other_peoples_images_have_the_versions_of_compose() -> None:
    theirs = {VARIABLE.sub(r"\3", each["image"]) for each in CONTAINERS.values()}

    used = {container(workloads(o)[name])["image"] for o, name in EVERYWHERE}
    assert used - theirs == set()


def test_no_component_is_left_out() -> None:
    folder = ROOT / "kubernetes/components"
    overlays = "".join(p.read_text() for p in folder.glob("../overlays/*/*.yaml"))

    unused = {p.name for p in folder.iterdir() if f"components/{p.name}\n" not in overlays}
    assert unused == OPTIONAL


@pytest.mark.parametrize(("overlay", "name"), EVERYWHERE)
def test_a_workload_is_bounded_and_nobody_special(overlay: str, name: str) -> None:
    workload = workloads(overlay)[name]
    spec, only = pod(workload), container(workload)

    assert set(only["resources"]["requests"]) == {"cpu", "memory"}
    assert only["resources"]["limits"]["memory"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    probes = {"startupProbe", "livenessProbe", "readinessProbe"} & set(only)
    assert len(probes) == (0 if workload["kind"] == "Job" or name == "cli" else 3)


@pytest.mark.parametrize(("overlay", "name"), EVERYWHERE)
def test_a_workload_bears_kubernetes_own_labels(overlay: str, name: str) -> None:
    workload = workloads(overlay)[name]

    for found in (workload["metadata"]["labels"], labels(workload)):
        assert found["app.kubernetes.io/name"] == name
        assert found["app.kubernetes.io/part-of"] == "relevo"


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_runs_in_every_overlay(name: str) -> None:
    assert [overlay for overlay in OVERLAYS if name not in workloads(overlay)] == []


@pytest.mark.parametrize("name", [n for n in LOCAL if n in CONTAINERS])
def test_a_workload_is_the_container_of_compose(name: str) -> None:
    ours, theirs = container(LOCAL[name]), CONTAINERS[name]

    assert ours["image"] == VARIABLE.sub(r"\3", theirs["image"])
    if LOCAL[name]["kind"] != "Job":
        assert size(ours["resources"]["limits"]["memory"]) == size(theirs["mem_limit"])
    said = [*ours.get("command", []), *ours.get("args", [])]
    assert name in ENTRY_POINTS or not said or said == theirs["command"]


@pytest.mark.parametrize("name", [n for n in LOCAL if n in {*CONTAINERS} - {"buckets"}])
def test_a_workload_reads_the_variables_of_compose(name: str) -> None:
    ours, theirs = variables("local", LOCAL[name]), CONTAINERS[name]
    given = {
        key if key in ours else key.removesuffix("_FILE").rstrip("_"): VARIABLE.sub(
            r"\3", str(value)
        )
        for key, value in (theirs.get("environment") or {}).items()
        if key not in ONLY_IN_COMPOSE and value is not None
    }
    own = {each["name"] for each in container(LOCAL[name]).get("env", [])}

    assert set(given) - set(ours) == set()
    known = str(theirs).upper()  # a variable, a secret's name, or a word of its command
    assert {key for key in own - ONLY_HERE if key not in known} == set()
    other = {
        key: (value, given[key])
        for key, value in ours.items()
        if key in given and value is not None and value != given[key]
    }
    assert set(other) <= SAID_OTHERWISE, other


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_what_it_must_have_and_is_given_no_other_server(name: str) -> None:
    module = importlib.import_module(f"{name.replace('-', '_')}.settings")
    settings: type[BaseSettings] = module.Settings
    given = set(variables("local", LOCAL[name]))
    needs = {
        "relevo/kafka": issubclass(settings, KafkaSettings),
        "relevo/store": issubclass(settings, ObjectStoreSettings),
        "relevo/catalog": issubclass(settings, CatalogSettings),
        "relevo/mlflow": "mlflow_tracking_uri" in settings.model_fields,
    }

    required = {variable(f, o) for f, o in settings.model_fields.items() if o.is_required()}
    assert required <= given
    assert {key for key, needed in needs.items() if needed} == {
        key for key in labels(LOCAL[name]) if key in needs
    }


@pytest.mark.parametrize("name", sorted(of_kind("local", "Service").keys() & LOCAL))
def test_a_name_leads_to_its_pods(name: str) -> None:
    service = of_kind("local", "Service")[name]
    ports = {
        port["name"]: port["containerPort"] for port in container(LOCAL[name])["ports"]
    }

    assert service["spec"]["selector"].items() <= labels(LOCAL[name]).items()
    assert {p["name"]: p["port"] for p in service["spec"]["ports"]} == ports


def documented_ways() -> set[tuple[str, str, int]]:
    """The table of docs/kubernetes.md: who is asked, at which port, by whom."""
    text = (ROOT / "docs/kubernetes.md").read_text()
    rows = text.split("| who is asked |")[1].split("\n\n")[0].splitlines()[2:]
    ways = set()
    for row in rows:
        asked, port, by = (
            cell.strip().replace("`", "").split(", ") for cell in row.strip("|").split("|")
        )
        ways |= {(f, to, int(port[0])) for f in by for to in asked}
    return ways


def test_the_network_policies_are_the_table_in_the_docs() -> None:
    doors = {("anybody", "mlflow", 5000), ("anybody", "prometheus", 9090)}  # NodePorts

    assert open_ways("three-machines") - doors == documented_ways()


def test_a_pod_is_told_of_no_server_that_it_may_not_ask() -> None:
    places = {"KAFKA_BOOTSTRAP_SERVERS": "kafka", "S3_ENDPOINT_URL": "minio"}
    places |= {"CATALOG_URL": "postgres", "MLFLOW_TRACKING_URI": "mlflow"}
    ways = {(by, to) for by, to, _ in open_ways("three-machines")}
    told = {
        (name, places.get(key) or str(value).split("//")[1].split(":")[0])
        for name, workload in LOCAL.items()
        for key, value in variables("local", workload).items()
        if key in places or str(value).startswith("http://")
    }

    asked = {way for way in told if way[0] != way[1] and ("anybody", way[1]) not in ways}
    assert asked - ways == set()


def autoscalers() -> dict[str, Manifest]:
    return of_kind("bring-your-own", "ScaledObject")


@pytest.mark.parametrize(
    ("name", "topic"), [("cleaner", Topic.BATCH_RAW), ("trainer", Topic.BATCH_CLEAN)]
)
def test_nothing_scales_above_the_partitions(name: str, topic: Topic) -> None:
    assert autoscalers()[name]["spec"]["maxReplicaCount"] == topic.partitions


def test_a_lag_that_is_unknown_scales_nothing() -> None:
    for scaler in autoscalers().values():
        for trigger in scaler["spec"]["triggers"]:
            if trigger["type"] == "prometheus":
                assert trigger["metadata"]["ignoreNullValues"] == "false"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_who_scales_says_how_many_and_nobody_else(overlay: str) -> None:
    scaled = of_kind(overlay, "ScaledObject", "HorizontalPodAutoscaler").values()
    targets = {each["spec"]["scaleTargetRef"]["name"] for each in scaled}

    assert [n for n in targets if "replicas" in workloads(overlay)[n]["spec"]] == []


@pytest.mark.parametrize("name", LOCAL)
def test_each_of_three_machines_has_its_part(name: str) -> None:
    workload = workloads("three-machines")[name]
    part = workload["metadata"]["labels"]["app.kubernetes.io/component"]

    assert pod(workload)["nodeSelector"] == {"relevo/machine": part}


def test_a_rolling_update_keeps_every_pod_until_the_next_one_answers() -> None:
    for overlay in OVERLAYS:
        spec = workloads(overlay)["inference"]["spec"]
        assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
        assert of_kind(overlay, "PodDisruptionBudget")["inference"]["spec"]


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [("prometheus", "rules/*.yml"), ("grafana", "dashboards/*.json")],
)
def test_every_rule_and_board_is_in_its_config_map(folder: str, pattern: str) -> None:
    place = ROOT / "observability" / folder
    declared: dict[str, Any] = yaml.safe_load((place / "kustomization.yaml").read_text())

    listed = {file for each in declared["configMapGenerator"] for file in each["files"]}
    assert {str(p.relative_to(place)) for p in place.glob(pattern)} <= listed


def test_prometheus_asks_every_service() -> None:
    config = yaml.safe_load(
        (ROOT / "kubernetes/components/prometheus/prometheus.yml").read_text()
    )
    names = {
        name
        for job in config["scrape_configs"]
        for found in job.get("dns_sd_configs", [])
        for name in found["names"]
    }

    assert names - {"inference-pods"} | {"inference"} == set(SERVICES)
    assert names <= set(of_kind("local", "Service"))
