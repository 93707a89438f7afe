"""A model as plain data: written by the trainer, answered by inference."""

from relevo_bundles.bundle import Bundle
from relevo_bundles.writing import write

__all__ = ["Bundle", "write"]
