"""`relevo`, and `python -m relevo`."""

from relevo.app import build_app


def main() -> None:
    """Run the command that the arguments name."""
    build_app()(prog_name="relevo")


if __name__ == "__main__":
    main()
