"""Every program in turn: `python -m benchmarks [NAME …] [--OPTION …]`.

They print Markdown tables. Options are for the programs: name one when you give any.
"""

import runpy
import sys
from itertools import takewhile

PROGRAMS = (
    "start",
    "pipeline",
    "learning",
    "honesty",
    "serving",
    "swap",
    "fuzz",
    "console",
)

if __name__ == "__main__":
    names = list(takewhile(lambda word: not word.startswith("-"), sys.argv[1:]))
    options = sys.argv[1 + len(names) :]
    for name in names or PROGRAMS:
        sys.argv = [name, *options]
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")
