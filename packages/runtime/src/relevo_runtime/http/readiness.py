"""Whether a service does its work yet, and if not, what it waits for."""

STARTING = "starting"
STOPPING = "stopping"


class Readiness:
    """What /ready answers; set by the service as it goes."""

    def __init__(self) -> None:
        self.ready = False
        self.reason = STARTING

    def wait_for(self, reason: str) -> None:
        """Not ready, because of `reason`."""
        if self.reason != STOPPING:
            self.ready, self.reason = False, reason

    def is_ready(self) -> None:
        """Ready: the service does its work."""
        if self.reason != STOPPING:
            self.ready, self.reason = True, ""

    def stop(self) -> None:
        """Not ready any more, whatever comes: the process ends."""
        self.ready, self.reason = False, STOPPING
