"""Which version of our code runs."""

from importlib.metadata import PackageNotFoundError, version


def code_version(service: str) -> str:
    """The installed version of the service's distribution; "unknown" when there is none."""
    try:
        return version(service)
    except PackageNotFoundError:
        return "unknown"
