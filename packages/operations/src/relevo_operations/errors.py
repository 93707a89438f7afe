"""Why something is not done: what, where and what to do, for a person to read."""


class OperationError(Exception):
    """Nothing was done, and trying again would not help."""
