"""Where the platform is that is told about: the addresses of all sources."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Whereabouts:
    """The addresses that are asked; None: not known."""

    kafka: str | None = None
    catalog_url: str | None = None
    data_api: str | None = None
    lag_watcher: str | None = None
    trainer: str | None = None
    mlflow: str | None = None
    console: str | None = None
    inference: tuple[str, ...] = ()
    menders: tuple[str, ...] = ()
    """The services that compare what must hold, beside the pods."""
    datasets: tuple[str, ...] = ()
    key: str | None = field(default=None, repr=False)
    """What our own services are asked with; nobody else is told."""

    @property
    def headers(self) -> dict[str, str]:
        """Of requests to services of ours."""
        return {"x-api-key": self.key} if self.key else {}
