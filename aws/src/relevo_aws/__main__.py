"""`relevo-aws`, and `python -m relevo_aws`."""

import sys

from relevo_aws.app import run


def main() -> None:
    """Run the command that the arguments name."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
