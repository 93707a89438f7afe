"""What a batch is called, wherever it is spoken of."""


def batch_id(dataset: str, number: int) -> str:
    """The name of a dataset's batch: ("diabetes130", 1) -> "diabetes130-0001"."""
    return f"{dataset}-{number:04d}"
