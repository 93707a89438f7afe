"""A model as plain data: written by the trainer, answered by inference."""

from relevo_bundles.bundle import Bundle
from relevo_bundles.columns import Coded
from relevo_bundles.proof import prove
from relevo_bundles.requests import CleanRow, FieldError, RequestSchema
from relevo_bundles.tables import CleanTable, RowError, check_columns, check_rows
from relevo_bundles.writing import write

__all__ = [
    "Bundle",
    "CleanRow",
    "CleanTable",
    "Coded",
    "FieldError",
    "RequestSchema",
    "RowError",
    "check_columns",
    "check_rows",
    "prove",
    "write",
]
