"""Runs the data API: `python -m data_api`."""

import logging

import pyarrow as pa

from data_api.app import build_app, serve
from data_api.settings import Settings

if __name__ == "__main__":
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    pa.set_memory_pool(pa.system_memory_pool())  # keeps less of what was freed
    settings = Settings()
    serve(build_app(settings), settings)
