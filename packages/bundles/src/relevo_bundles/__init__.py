"""A model as plain data: written by the trainer, answered by inference."""

from relevo_bundles.bundle import Bundle
from relevo_bundles.proof import prove
from relevo_bundles.requests import CleanRow, FieldError, RequestSchema
from relevo_bundles.writing import write

__all__ = ["Bundle", "CleanRow", "FieldError", "RequestSchema", "prove", "write"]
