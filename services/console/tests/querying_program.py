"""The query program over files of a folder: the real DuckDB, without PostgreSQL and S3."""

import os
import sys
from pathlib import Path

from console.querying.program import converse
from relevo_sql import Limits, Warehouse
from relevo_sql.samples import Folder, Stages

if __name__ == "__main__":
    opening = sys.stdin.readline()
    if "die" in opening:
        os._exit(7)
    stages = Stages(Path(sys.argv[1]))
    stages.add("my-set", 1)
    converse(Warehouse(stages, Folder(stages.folder), limits=Limits(memory="200MB")))
