"""Every program in turn: `python -m benchmarks [NAME …]`; they print Markdown tables."""

import runpy
import sys

PROGRAMS = ("start", "pipeline", "learning")

if __name__ == "__main__":
    for name in sys.argv[1:] or PROGRAMS:
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")
