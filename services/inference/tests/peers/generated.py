"""What two generators make of a pod's document, and a call of each operation.

A program of its own, `generated.py GENERATOR URL FOLDER`: it imports what is generated,
and prints a line per operation: its name, and the status or what went wrong.
"""

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from openapi_generator_cli import run

PATH = {"name": "diabetes130", "number": "1"}
KINDS = {bool: "BOOL", int: "INT64", str: "BYTES"}
Bodies = Mapping[str, Any]
Call = Callable[[], int]


def main(generator: str, url: str, folder: Path) -> None:
    """Generate, and call all that was generated."""
    document = folder / "openapi.json"
    document.write_text(httpx.get(f"{url}/openapi.json").text)
    sys.path.insert(0, str(folder))
    for name, call in GENERATORS[generator](url, document, bodies_of(document)):
        try:
            print(name, call())
        except Exception as error:
            print(name, " ".join(f"{error!r} {error}".split())[:500])


def bodies_of(document: Path) -> Bodies:
    """What is sent, by the names of the schemas as generators write them."""
    schemas = json.loads(document.read_text())["components"]["schemas"]
    row = schemas["Row"]["example"]
    tensors = [
        {"name": name, "shape": [1], "datatype": KINDS[type(value)], "data": [value]}
        for name, value in row.items()
    ]
    return {
        **{_plain(name): row for name in schemas if name.startswith("Row_")},
        "row": row,
        "rows": [row],
        "instances": {"instances": [row]},
        "invocation": {"dataframe_records": [row]},
        "inferencerequest": {"inputs": tensors},
    }


def by_openapi_python_client(
    url: str, document: Path, bodies: Bodies
) -> Iterator[tuple[str, Call]]:
    """Modules with a function each, models of attrs."""
    folder = document.parent / "attrs_client"
    no_hooks = document.with_name("config.yaml")
    no_hooks.write_text("post_hooks: []\n")
    command = f"generate --path {document} --output-path {folder} --meta none --config"
    subprocess.run(
        [sys.executable, "-m", "openapi_python_client", *command.split(), str(no_hooks)],
        check=True,
        stdout=sys.stderr,
    )
    client = importlib.import_module("attrs_client").Client(base_url=url)
    api = importlib.import_module("attrs_client.api")
    for found in pkgutil.walk_packages(api.__path__, "attrs_client.api."):
        ask = getattr(importlib.import_module(found.name), "sync_detailed", None)
        if ask is not None:
            taken = inspect.signature(ask).parameters
            given = {name: PATH[name] for name in taken if name in PATH}
            if "body" in taken:
                given["body"] = _attrs_body(taken["body"].annotation, bodies)
            yield (
                found.name.rpartition(".")[2],
                partial(_status_of, partial(ask, client=client, **given)),
            )


def _attrs_body(annotation: Any, bodies: Bodies) -> Any:
    is_union = isinstance(annotation, types.UnionType)
    for kind in typing.get_args(annotation) if is_union else [annotation]:
        if typing.get_origin(kind) is list:
            [of] = typing.get_args(kind)
            return [of.from_dict(each) for each in bodies["rows"]]
        if _plain(kind.__name__) in bodies:
            return kind.from_dict(bodies[_plain(kind.__name__)])
    raise ValueError(f"nothing to send as {annotation}")


def by_openapi_generator(
    url: str, document: Path, bodies: Bodies
) -> Iterator[tuple[str, Call]]:
    """Classes with a method each, models of pydantic."""
    options = f"generate -i {document} -g python -o {document.parent}"
    run([*options.split(), "--package-name", "pydantic_client"]).check_returncode()
    package = importlib.import_module("pydantic_client")
    client = package.ApiClient(package.Configuration(host=url))
    api = importlib.import_module("pydantic_client.api")
    for group in [kind for name, kind in vars(api).items() if name.endswith("Api")]:
        for name, ask in inspect.getmembers(group(client), inspect.ismethod):
            operation, found, _ = name.partition("_with_http_info")
            if not found:
                continue
            given: dict[str, Any] = {}
            for each, kind in typing.get_type_hints(ask).items():
                if each in PATH:
                    given[each] = PATH[each]
                elif _plain(getattr(kind, "__name__", "")) in bodies:
                    content = json.dumps(bodies[_plain(kind.__name__)])
                    given[each] = kind.from_json(content)
            yield operation, partial(_status_of, partial(ask, **given))


GENERATORS = {
    "openapi-python-client": by_openapi_python_client,
    "openapi-generator": by_openapi_generator,
}


def _status_of(ask: Callable[[], Any]) -> int:
    return int(ask().status_code)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
