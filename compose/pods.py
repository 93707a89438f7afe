"""The pods of inference as containers, and the door before them."""

import urllib.error
import urllib.request
from typing import Any

from compose import docker
from compose.rolling import Pod

SERVICE = "inference"
ASK = "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/{}', timeout=3)"
PATIENCE_SECONDS = 5.0


class ComposePods:
    """Those of one project. Everything raises DockerError when Docker refuses."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._project = str(config["name"])
        image = config["services"][SERVICE]["image"]
        self._image = docker.ask("image", "inspect", "--format", "{{.Id}}", image).strip()
        told = docker.ask("compose", "config", "--hash", SERVICE)
        self._hash = told.split()[-1]

    def there(self) -> list[Pod]:
        """See Pods."""
        return [self._pod(each) for each in docker.containers(self._project, SERVICE)]

    def have(self, count: int) -> None:
        """See Pods. Not by `up`: without its dependencies it would be another service."""
        options = ("--no-recreate", "--no-build", "--scale", f"{SERVICE}={count}")
        docker.ask("compose", "create", *options, SERVICE)
        for pod in self.there():
            if not pod.runs:
                docker.ask("start", pod.id)

    def is_ready(self, pod: Pod) -> bool:
        """See Pods."""
        return self._answers(pod, "ready")

    def is_alive(self, pod: Pod) -> bool:
        """See Pods."""
        return self._answers(pod, "health")

    def is_at_the_door(self, pod: Pod) -> bool:
        """See Pods: the door asks one after the other."""
        address = docker.ask("compose", "port", "door", "8000").strip()
        count = len(self.there())
        return any(_who_answers(address).startswith(pod.id[:12]) for _ in range(count + 1))

    def remove(self, pod: Pod) -> None:
        """See Pods: SIGTERM, and what `stop_grace_period` says."""
        docker.ask("stop", pod.id)
        docker.ask("rm", "--force", pod.id)

    def _answers(self, pod: Pod, page: str) -> bool:
        try:
            docker.ask("exec", pod.id, "python", "-c", ASK.format(page))
        except docker.DockerError:
            return False
        return True

    def _pod(self, container: dict[str, Any]) -> Pod:
        labels = container["Config"]["Labels"]
        return Pod(
            id=container["Id"],
            name=container["Name"].lstrip("/"),
            is_current=(container["Image"], labels["com.docker.compose.config-hash"])
            == (self._image, self._hash),
            runs=container["State"]["Status"] == "running",
        )


def _who_answers(address: str) -> str:
    """The name of the pod behind the door; nothing when there is none."""
    url = f"http://{address}/ready"
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
            return str(answer.headers.get("X-Relevo-Pod", ""))
    except urllib.error.HTTPError as refusal:
        return str(refusal.headers.get("X-Relevo-Pod", ""))
    except OSError:
        return ""
