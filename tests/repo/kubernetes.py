"""What kubernetes/ says, built by kubectl as a person's `make kubernetes-up` builds it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tests.repo.files import ROOT

Manifest = dict[str, Any]
OPTIONAL = {"pgweb"}
"""Components that no overlay has: built into `bring-your-own`, to be looked at too."""
OVERLAYS = sorted(p.name for p in (ROOT / "kubernetes/overlays").iterdir())
KUBECTL = Path(sys.executable).parent / "kubectl"
WORKLOADS = {"Deployment", "StatefulSet", "Job"}
SIZES = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 2**10, "m": 2**20, "g": 2**30}


@cache
def built(overlay: str) -> list[Manifest]:
    """The manifests of an overlay, with the keys of its example.

    Built in a copy: a person's own platform.env stays out of it.
    """
    with TemporaryDirectory() as folder:
        for name in ("kubernetes", "observability"):
            shutil.copytree(ROOT / name, Path(folder) / name)
        place = Path(folder) / "kubernetes/overlays" / overlay
        shutil.copy(place / "platform.env.example", place / "platform.env")
        (place / "keys.json").write_text("{}")
        (place / "relevo_api_key").write_text("relevo_example")
        if overlay == "bring-your-own":
            add(place / "kustomization.yaml", OPTIONAL)
        done = subprocess.run(
            [KUBECTL, "kustomize", place], capture_output=True, text=True, timeout=50
        )
    assert done.returncode == 0, done.stderr
    return list(yaml.load_all(done.stdout, yaml.CSafeLoader))


def add(file: Path, components: set[str]) -> None:
    """Into an overlay, before what all have alike."""
    kustomization = yaml.safe_load(file.read_text())
    more = [f"../../components/{name}" for name in sorted(components)]
    kustomization["components"] = more + kustomization["components"]
    file.write_text(yaml.safe_dump(kustomization))


def of_kind(overlay: str, *kinds: str) -> dict[str, Manifest]:
    """Its manifests of these kinds, by name."""
    return {m["metadata"]["name"]: m for m in built(overlay) if m["kind"] in kinds}


def workloads(overlay: str) -> dict[str, Manifest]:
    """All that runs, by name."""
    return of_kind(overlay, *WORKLOADS)


def pod(workload: Manifest) -> Manifest:
    """The pod's spec."""
    spec: Manifest = workload["spec"]["template"]["spec"]
    return spec


def container(workload: Manifest) -> Manifest:
    """The pod's one container."""
    (only,) = pod(workload)["containers"]
    found: Manifest = only
    return found


def labels(workload: Manifest) -> dict[str, str]:
    """The pod's labels."""
    found: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return found


def variables(overlay: str, workload: Manifest) -> dict[str, str | None]:
    """The container's environment; None: out of the Secret."""
    maps = {n: m.get("data") or {} for n, m in of_kind(overlay, "ConfigMap").items()}
    given: dict[str, str | None] = {}
    for each in container(workload).get("envFrom", []):
        given |= maps[each["configMapRef"]["name"]] if "configMapRef" in each else {}
    for each in container(workload).get("env", []):
        given[each["name"]] = each.get("value")
    return given


def secret_keys(overlay: str) -> set[str]:
    """What the workloads must find in the Secret `relevo`."""
    asked = (
        each["valueFrom"]["secretKeyRef"]
        for workload in workloads(overlay).values()
        for each in container(workload).get("env", [])
        if "valueFrom" in each
    )
    return {ref["key"] for ref in asked if ref["name"] != "keys"}


def size(text: str) -> int:
    """Bytes: "512Mi" and compose's "512m" are the same."""
    found = re.fullmatch(r"(\d+)([A-Za-z]+)", text)
    assert found, text
    return int(found[1]) * SIZES[found[2]]


def open_ways(overlay: str) -> set[tuple[str, str, int]]:
    """(from, to, port) of all that policies let in; "anybody", or a namespace."""
    pods = {name: labels(each) for name, each in workloads(overlay).items()}
    ways = set()
    for policy in of_kind(overlay, "NetworkPolicy").values():
        asked = [
            n for n, each in pods.items() if chosen(policy["spec"]["podSelector"], each)
        ]
        for rule in policy["spec"].get("ingress", []):
            for port in rule["ports"]:
                ways |= {(f, to, port["port"]) for f in froms(rule, pods) for to in asked}
    return ways


def froms(rule: Manifest, pods: dict[str, dict[str, str]]) -> Iterator[str]:
    """Who a rule lets in."""
    if "from" not in rule:
        yield "anybody"
    for peer in rule.get("from", []):
        if "namespaceSelector" in peer:
            yield from peer["namespaceSelector"]["matchLabels"].values()
        else:
            yield from (n for n, each in pods.items() if chosen(peer["podSelector"], each))


def chosen(selector: Manifest, found: dict[str, str]) -> bool:
    """Whether a selector of labels means these."""
    exact: dict[str, str] = selector.get("matchLabels", {})
    among: list[Manifest] = selector.get("matchExpressions", [])
    return all(found.get(k) == v for k, v in exact.items()) and all(
        found.get(each["key"]) in each["values"] for each in among
    )
