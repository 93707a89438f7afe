"""A Kubernetes on this machine, and what tests do to it by kubectl."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LAB = Path(os.environ.get("RELEVO_LAB", ROOT.parent / "shared/kubernetes/lab.sh"))
"""Starts a whole Kubernetes, takes images of the local Docker engine, makes volumes."""
HOME = Path(os.environ.get("RELEVO_K8S_LAB", Path.home() / ".cache/relevo-k8s-lab"))
CONFIGURATION = HOME / "pki/admin.conf"
KUBECTL = Path(sys.executable).parent / "kubectl"
NAMESPACE = "relevo"
PROGRAMS = {
    "PATH": f"{KUBECTL.parent}:{os.environ['PATH']}",
    "KUBECONFIG": str(CONFIGURATION),
}


def lab(*arguments: str, seconds: float = 600) -> str:
    """What a command of the lab prints; the tests are skipped where there is none."""
    if not LAB.exists() or not (HOME / "bin/hyperkube").exists():
        pytest.skip(f"no Kubernetes is built here: {LAB.name} build")
    return run(str(LAB), *arguments, seconds=seconds)


def is_up() -> bool:
    """Whether somebody has started it and left it so."""
    return (HOME / "pids/kube-apiserver").exists()


def run(*command: str, seconds: float = 120, given: str | None = None) -> str:
    """What a program prints; fails with what it complains."""
    done = try_run(*command, seconds=seconds, given=given)
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout


def try_run(
    *command: str, seconds: float = 120, given: str | None = None, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """A program, however it ends."""
    return subprocess.run(
        command,
        env=os.environ | PROGRAMS | variables,
        input=given,
        capture_output=True,
        text=True,
        timeout=seconds,
    )


def images() -> set[str]:
    """Those that the lab's containerd has, as manifests name them."""
    ctr = HOME / "root/usr/bin/ctr"
    command = (str(ctr), "-a", str(HOME / "containerd/socket"), "-n", "k8s.io")
    names = run(*command, "images", "ls", "-q").split()
    return {name.removeprefix("docker.io/").removeprefix("library/") for name in names}


def kubectl(*arguments: str, seconds: float = 120, given: str | None = None) -> str:
    """What kubectl prints about the platform's namespace."""
    command = (str(KUBECTL), "--namespace", NAMESPACE, *arguments)
    return run(*command, seconds=seconds, given=given)


def listed(*what: str) -> list[dict[str, Any]]:
    """The objects of a kind, as the API server tells them."""
    return listed_in(NAMESPACE, *what)


def listed_in(namespace: str, *what: str) -> list[dict[str, Any]]:
    """The same of another namespace."""
    told = run(str(KUBECTL), "--namespace", namespace, "get", *what, "-o", "json")
    items: list[dict[str, Any]] = json.loads(told)["items"]
    return items


def pods(name: str) -> dict[str, str]:
    """The ready pods of a workload, by name: their addresses."""
    found = listed("pods", "-l", f"app.kubernetes.io/name={name}")
    return {
        pod["metadata"]["name"]: pod["status"]["podIP"]
        for pod in found
        if is_ready(pod) and "deletionTimestamp" not in pod["metadata"]
    }


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether Kubernetes sends requests to it."""
    conditions = pod["status"].get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def cluster_addresses() -> dict[str, str]:
    """Each Service's address: its own, or that of a pod where it has none."""
    return {
        name: address if address != "None" else next(iter(pods(name).values()), "")
        for each in listed("services")
        if (name := each["metadata"]["name"]) and (address := each["spec"]["clusterIP"])
    }


@contextmanager
def names_resolved(addresses: Mapping[str, str]) -> Iterator[None]:
    """The cluster's names mean the same in this process as inside of it."""
    original = socket.getaddrinfo

    def resolve(host: Any, *arguments: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return original(addresses.get(name, name), *arguments, **named)

    socket.getaddrinfo = resolve
    try:
        yield
    finally:
        socket.getaddrinfo = original
