"""A platform in Kubernetes: the command is run inside, where its addresses lead to it."""

import shutil
import subprocess

from relevo.errors import CommandError

CLI = "deployment/cli"
"""Has this command, and the platform's addresses in its environment."""


def run_inside(*arguments: str) -> int:
    """Run `relevo` with these arguments in the cluster of kubectl; its exit code.

    What is printed there is printed here. Raises CommandError when there is no kubectl,
    or no such platform in its cluster.
    """
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        raise CommandError(
            "no kubectl is on the PATH: install it, or use that of .venv/bin"
        )
    inside = [kubectl, "--namespace", "relevo"]
    asked = subprocess.run([*inside, "get", CLI], capture_output=True, text=True)
    if asked.returncode:
        told = (asked.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise CommandError(
            f"kubectl finds no relevo: {told} (KUBECONFIG names the cluster,"
            " `make kubernetes-up overlay=local` deploys it)",
            code=3,
        )
    return subprocess.run([*inside, "exec", CLI, "--", "relevo", *arguments]).returncode
