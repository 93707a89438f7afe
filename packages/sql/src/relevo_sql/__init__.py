"""SQL on every stage of the data, read only: DuckDB over the store and the catalog."""

from relevo_sql.answers import Answer, Column, View
from relevo_sql.errors import SqlError
from relevo_sql.examples import Example, saved_examples
from relevo_sql.locked import Limits
from relevo_sql.quoting import identifier
from relevo_sql.store import Store
from relevo_sql.warehouse import Warehouse, open_warehouse
from relevo_sql.writing import Form

__all__ = [
    "Answer",
    "Column",
    "Example",
    "Form",
    "Limits",
    "SqlError",
    "Store",
    "View",
    "Warehouse",
    "identifier",
    "open_warehouse",
    "saved_examples",
]
